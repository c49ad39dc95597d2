/** Waiting by blocking the thread in poll(2), or in the queue of the sockets. */

import type { Pollable, Waiter, WaitMode } from "../../../contract/platform.ts";
import { Interest, type PollGroup } from "../../../contract/pollable.ts";
import { genericWaiter } from "../../../core/io/waiter.ts";
import type { FdPollable } from "./fd_pollable.ts";
import type { Syscalls } from "../syscalls.ts";
import { type PollSyscalls, pollSyscallsOf } from "./poll_syscalls.ts";
import type { Reactor, Registration } from "./reactor.ts";

/** First and last interval of trying again, for pollables that are no descriptors (ns). */
const FIRST_RETRY_NS = 200_000;
const LAST_RETRY_NS = 10_000_000;

const MS = 1e6;

/** Longest wait that epoll_wait(2) takes (ms). */
const MAX_MS = 2 ** 31 - 1;

/**
 * The waiter of the posix platform: blocks in poll(2) and epoll_wait(2) or kevent(2), or suspends as on every platform.
 *
 * @param syscalls The system's calls.
 * @param mode How the guest waits.
 */
export function posixWaiter(syscalls: Syscalls, mode: WaitMode): Waiter {
  return mode === "suspend" ? genericWaiter(mode) : new BlockingWaiter(syscalls);
}

/** Those whose group is a reactor are its members. */
type Registered = Pollable & Pick<Registration, "readableIndex">;

class BlockingWaiter implements Waiter {
  readonly #syscalls: Syscalls;
  /** The reactor whose descriptor stands at a place of the list; undefined for a descriptor of its own. */
  readonly #reactors: (Reactor | undefined)[] = [];
  /** True if there are pollables without a descriptor. */
  #isSilent = false;

  constructor(syscalls: Syscalls) {
    this.#syscalls = syscalls;
  }

  /** Opened by the first wait: most guests never do. */
  get #fds(): PollSyscalls {
    return pollSyscallsOf(this.#syscalls.libc);
  }

  wait(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void {
    this.#fds.clear();
    this.#reactors.length = 0;
    this.#isSilent = false;
    if (!this.#list(pollables, interests)) {
      if (this.#isSilent) this.#waitInIntervals(pollables, interests, timeoutNs);
      else this.#waitOnce(timeoutNs);
    }
    this.#reactors.length = 0;
  }

  /** List the descriptors to wait for. @returns True if something is ready already. */
  #list(pollables: readonly Pollable[], interests: readonly number[]): boolean {
    let reactor: Reactor | undefined;
    for (let i = 0; i < pollables.length; i++) {
      const pollable = pollables[i]!;
      const { group } = pollable;
      if (group === undefined || (group !== reactor && !isReactor(group))) {
        if (pollable.readiness(interests[i]!) !== 0) return true;
        this.#listOne(pollable, interests[i]!);
        continue;
      }
      if (group !== reactor) this.#listReactor(reactor = group as Reactor);
      // Of thousands of sockets few have anything to be read.
      if (interests[i] === Interest.READ && (pollable as Registered).readableIndex < 0) continue;
      if (pollable.readiness(interests[i]!) !== 0) return true;
    }
    return false;
  }

  #listReactor(reactor: Reactor): void {
    if (reactor.fd < 0 || this.#reactors.includes(reactor)) return;
    if (this.#fds.add(reactor.fd, Interest.READ)) this.#reactors.push(reactor);
    else this.#isSilent = true;
  }

  /** What only the event loop makes ready stays as it is while the thread is blocked. */
  #listOne(pollable: Pollable, interest: number): void {
    const { fd } = pollable as Partial<FdPollable>;
    if (fd === undefined) this.#isSilent ||= !pollable.needsEventLoop;
    else if (fd >= 0 && this.#fds.add(fd, interest)) this.#reactors.push(undefined);
    else this.#isSilent = true;
  }

  #waitOnce(timeoutNs: number): void {
    const retryNs = this.#retryNs();
    if (retryNs < timeoutNs) timeoutNs = retryNs;
    const alone = this.#reactors.length === 1 ? this.#reactors[0] : undefined;
    if (alone !== undefined && timeoutNs >= MS) {
      // What is left of a ms is waited for the next time.
      alone.wait(timeoutNs === Infinity ? -1 : Math.min(Math.floor(timeoutNs / MS), MAX_MS));
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
    for (const reactor of this.#reactors) {
      if (reactor !== undefined && reactor.retryNs < retryNs) retryNs = reactor.retryNs;
    }
    return retryNs;
  }

  /** Events that a reactor has already read are not news; a wait that ended for no reason is over as well. */
  #hasNews(): boolean {
    const fds = this.#fds;
    const reactors = this.#reactors;
    let news = false;
    let isOver = true;
    for (let i = 0; i < reactors.length; i++) {
      const isReady = fds.isReady(i);
      const reactor = reactors[i];
      if (isReady) isOver = false;
      if (reactor === undefined) news ||= isReady;
      else if ((isReady || reactor.retryNs === 0) && reactor.wait(0)) news = true;
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

/** By what only a reactor has: its class is loaded with the network. */
function isReactor(group: PollGroup): group is Reactor {
  return "retryNs" in group;
}

function isAnyReady(pollables: readonly Pollable[], interests: readonly number[]): boolean {
  for (let i = 0; i < pollables.length; i++) {
    if (pollables[i]!.readiness(interests[i]!) !== 0) return true;
  }
  return false;
}
