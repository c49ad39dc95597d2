/** Waiting by blocking the thread in poll(2), or in the queue of the sockets. */

import type { Pollable, Waiter } from "../../core/platform.ts";
import { Interest } from "../../core/pollable.ts";
import { SUSPENDING_WAITER } from "../../core/waiter.ts";
import type { FdPollable } from "./fd_pollable.ts";
import type { Host } from "./host.ts";
import { type PollFds, pollFdsOf } from "./poll_fds.ts";
import { type Member, PollSet } from "./poll_set.ts";

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

/** Those whose group is a set are its members. */
type SetMember = Pollable & Pick<Member, "readableAt">;

class BlockingWaiter implements Waiter {
  readonly suspends = false;
  readonly #host: Host;
  /** The set whose descriptor stands at a place of the list; undefined for a descriptor of its own. */
  readonly #sets: (PollSet | undefined)[] = [];
  /** True if there are pollables that no descriptor tells about. */
  #isSilent = false;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Opened by the first wait: most guests never do. */
  get #fds(): PollFds {
    return pollFdsOf(this.#host.libc);
  }

  wait(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void {
    this.#fds.clear();
    this.#isSilent = false;
    if (!this.#list(pollables, interests)) {
      if (this.#isSilent) this.#waitInIntervals(pollables, interests, timeoutNs);
      else this.#waitOnce(timeoutNs);
    }
    this.#sets.length = 0;
  }

  /** List the descriptors to wait for. @returns True if something is ready already. */
  #list(pollables: readonly Pollable[], interests: readonly number[]): boolean {
    let set: PollSet | undefined;
    for (let i = 0; i < pollables.length; i++) {
      const pollable = pollables[i]!;
      const { group } = pollable;
      if (group === undefined || (group !== set && !(group instanceof PollSet))) {
        if (pollable.readiness(interests[i]!) !== 0) return true;
        this.#listOne(pollable, interests[i]!);
        continue;
      }
      if (group !== set) this.#listSet(set = group as PollSet);
      // Of thousands of sockets few have anything to be read.
      if (interests[i] === Interest.READ && (pollable as SetMember).readableAt < 0) continue;
      if (pollable.readiness(interests[i]!) !== 0) return true;
    }
    return false;
  }

  #listSet(set: PollSet): void {
    if (set.fd < 0 || this.#sets.includes(set)) return;
    if (this.#fds.add(set.fd, Interest.READ)) this.#sets.push(set);
    else this.#isSilent = true;
  }

  /** What only the event loop makes ready stays as it is while the thread is blocked. */
  #listOne(pollable: Pollable, interest: number): void {
    const { fd } = pollable as Partial<FdPollable>;
    if (fd === undefined) this.#isSilent ||= !pollable.needsEventLoop;
    else if (fd >= 0 && this.#fds.add(fd, interest)) this.#sets.push(undefined);
    else this.#isSilent = true;
  }

  #waitOnce(timeoutNs: number): void {
    const retryNs = this.#retryNs();
    if (retryNs < timeoutNs) timeoutNs = retryNs;
    const alone = this.#sets.length === 1 ? this.#sets[0] : undefined;
    if (alone !== undefined && timeoutNs >= MS) {
      // What is left of a ms is waited for the next time.
      alone.wait(timeoutNs === Infinity ? -1 : Math.min(Math.floor(timeoutNs / MS), MOST_MS));
      return;
    }
    const deadlineMs = performance.now() + timeoutNs / MS;
    do {
      this.#fds.wait(timeoutNs);
      if (this.#hasNews()) return;
      timeoutNs = (deadlineMs - performance.now()) * MS;
    } while (timeoutNs > 0);
  }

  #retryNs(): number {
    let retryNs = Infinity;
    for (const set of this.#sets) {
      if (set !== undefined && set.retryNs < retryNs) retryNs = set.retryNs;
    }
    return retryNs;
  }

  /** What sets are told is no news to them where it was read already; a wait that ended for no reason is over as well. */
  #hasNews(): boolean {
    const fds = this.#fds;
    const sets = this.#sets;
    let news = false;
    let isOver = true;
    for (let i = 0; i < sets.length; i++) {
      const isReady = fds.isReady(i);
      const set = sets[i];
      if (isReady) isOver = false;
      if (set === undefined) news ||= isReady;
      else if ((isReady || set.retryNs === 0) && set.wait(0)) news = true;
    }
    return news || isOver;
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
