/** Waiting by blocking the thread in poll(2), or in the queue of the sockets. */

import type { Pollable, Waiter } from "../../core/platform.ts";
import { Interest } from "../../core/pollable.ts";
import { SUSPENDING_WAITER } from "../../core/waiter.ts";
import type { FdPollable } from "./fd_pollable.ts";
import type { Host } from "./host.ts";
import { type PollFds, pollFdsOf } from "./poll_fds.ts";
import { PollSet } from "./poll_set.ts";

/** First and last interval of trying again, for pollables that are no descriptors (ns). */
const FIRST_RETRY_NS = 200_000;
const LAST_RETRY_NS = 10_000_000;

const MS = 1e6;

/** Longest wait that epoll_wait(2) takes (ms). */
const MOST_MS = 2 ** 31 - 1;

/**
 * A way to wait: by blocking in the system's calls, or by promises as everywhere.
 *
 * @param host The system's calls.
 * @param suspends True for promises.
 */
export function posixWaiter(host: Host, suspends: boolean): Waiter {
  return suspends ? SUSPENDING_WAITER : new BlockingWaiter(host);
}

class BlockingWaiter implements Waiter {
  readonly suspends = false;
  readonly #fds: PollFds;
  /** Sets in the list of descriptors, by their place in it. */
  readonly #sets: PollSet[] = [];

  constructor(host: Host) {
    this.#fds = pollFdsOf(host.libc);
  }

  wait(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void {
    if (isAnyReady(pollables, interests)) return;
    const isSilent = this.#list(pollables, interests);
    if (isSilent) this.#waitInIntervals(pollables, interests, timeoutNs);
    else this.#waitOnce(timeoutNs);
    this.#sets.length = 0;
  }

  /**
   * List the descriptors to wait for, those of sets first.
   *
   * @returns True if there are pollables that have none, and may be ready nonetheless.
   */
  #list(pollables: readonly Pollable[], interests: readonly number[]): boolean {
    const sets = this.#sets;
    this.#fds.clear();
    let last: unknown;
    for (const { group } of pollables) {
      if (group === last || group === undefined) continue;
      last = group;
      if (!(group instanceof PollSet) || sets.includes(group) || group.fd < 0) continue;
      sets.push(group);
      this.#fds.add(group.fd, Interest.READ);
    }
    let isSilent = false;
    for (let i = 0; i < pollables.length; i++) {
      const pollable = pollables[i]!;
      if (pollable.group instanceof PollSet) continue;
      const fd = (pollable as Partial<FdPollable>).fd;
      if (fd !== undefined && fd >= 0 && this.#fds.add(fd, interests[i]!)) continue;
      if (fd !== undefined || !pollable.needsEventLoop) isSilent = true;
    }
    return isSilent;
  }

  #waitOnce(timeoutNs: number): void {
    const sets = this.#sets;
    for (const set of sets) timeoutNs = Math.min(timeoutNs, set.retryNs);
    const isAlone = sets.length === 1 && this.#fds.count === 1;
    if (isAlone && timeoutNs >= MS) {
      // What is left of a ms is waited for the next time.
      sets[0]!.wait(timeoutNs === Infinity ? -1 : Math.min(Math.floor(timeoutNs / MS), MOST_MS));
      return;
    }
    const deadlineMs = performance.now() + timeoutNs / MS;
    do {
      this.#fds.wait(timeoutNs);
      if (this.#hasNews()) return;
      timeoutNs = (deadlineMs - performance.now()) * MS;
    } while (timeoutNs > 0);
  }

  /** What sets are told is no news to them where it was read already; a wait that ended for no reason is over as well. */
  #hasNews(): boolean {
    const fds = this.#fds;
    const sets = this.#sets;
    let readyCount = 0;
    let news = false;
    for (let i = 0; i < fds.count; i++) {
      if (fds.isReady(i)) readyCount++;
      if (i >= sets.length) news ||= fds.isReady(i);
      else if ((fds.isReady(i) || sets[i]!.retryNs === 0) && sets[i]!.wait(0)) news = true;
    }
    return news || readyCount === 0;
  }

  #waitInIntervals(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void {
    const deadlineMs = performance.now() + timeoutNs / MS;
    let intervalNs = FIRST_RETRY_NS;
    do {
      const leftNs = (deadlineMs - performance.now()) * MS;
      if (leftNs <= 0) return;
      this.#waitOnce(Math.min(intervalNs, leftNs));
      intervalNs = Math.min(intervalNs * 1.5, LAST_RETRY_NS);
    } while (!isAnyReady(pollables, interests));
  }
}

function isAnyReady(pollables: readonly Pollable[], interests: readonly number[]): boolean {
  for (let i = 0; i < pollables.length; i++) {
    if (pollables[i]!.readiness(interests[i]!) !== 0) return true;
  }
  return false;
}
