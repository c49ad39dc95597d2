/** Polling: ask everything, wait if nothing is ready, ask again. */

import { Interest, type Pollable, type PollGroup } from "../../contract/pollable.ts";
import { Errno } from "../../witx/errno.ts";
import { Found } from "./event_loop_fairness.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { GuestWaiter } from "./wait.ts";

/** What is polled. */
export interface PollSource {
  /** Ask `round` for every pollable and deadline, and note which are ready. Called again after each wait. */
  askAll(round: PollRound): void;
}

/** One poll at a time, from its start to its result. It does not allocate unless it waits. */
export class PollRound {
  /** Monotonic time at which the poll started (ns). */
  startNs = 0;
  /** Monotonic time at which everything is being asked (ns); in a {@linkcode PollRound.step}, NaN until it is needed. */
  nowNs = 0;
  /** How long to wait after a {@linkcode PollRound.step} (ns). */
  timeoutNs: number = Infinity;
  readonly #waiter: GuestWaiter;
  /** What is not ready, from the front. The arrays shrink only before a wait, so that they keep their memory. */
  readonly #pollables: Pollable[] = [];
  readonly #interests: number[] = [];
  #waiting = 0;
  /** Time left to the nearest deadline (ns). */
  #leftNs = Infinity;
  #found: Found = Found.NOTHING;
  #needsEventLoop = false;
  /** The group that was refreshed last while everything is being asked. */
  #refreshed: PollGroup | undefined;

  /** @param waiter Waits for the guest. */
  constructor(waiter: GuestWaiter) {
    this.#waiter = waiter;
  }

  /**
   * Poll until something is ready.
   *
   * @param source What is polled.
   * @returns `SUCCESS`, or a promise of it.
   */
  run(source: PollSource): MaybePromise {
    this.startNs = this.nowNs = this.#waiter.clock.monotonic();
    return this.#run(source, false);
  }

  /** @param hasTurned True once the event loop has had a turn in this poll. */
  #run(source: PollSource, hasTurned: boolean): MaybePromise {
    for (;;) {
      this.#askAll(source);
      const yields = this.#needsEventLoop && !hasTurned && this.#mustYield();
      if (this.#found !== Found.NOTHING && !yields) return Errno.SUCCESS;
      const waited = this.#wait(yields ? 0 : this.#leftNs);
      if (waited !== undefined) return this.#runAfter(waited, source);
      hasTurned = true;
      this.nowNs = this.#waiter.clock.monotonic();
    }
  }

  /**
   * Ask everything once, for a caller that performs the wait itself: after `false` it waits for what
   * {@linkcode PollRound.waiting} returns, at most {@linkcode PollRound.timeoutNs}, and steps again.
   *
   * @param source What is polled.
   * @param hasTurned True once the event loop has had a turn in this poll.
   * @returns True if the poll has its result.
   */
  step(source: PollSource, hasTurned: boolean): boolean {
    this.nowNs = NaN;
    this.#askAll(source);
    const yields = this.#needsEventLoop && !hasTurned && this.#mustYield();
    this.timeoutNs = yields ? 0 : this.#leftNs;
    return this.#found !== Found.NOTHING && !yields;
  }

  /** What the last {@linkcode PollRound.step} has to wait for: arrays of the caller's own, without the interrupt. */
  waiting(): { readonly pollables: Pollable[]; readonly interests: number[] } {
    const count = this.#waiting;
    return { pollables: this.#pollables.slice(0, count), interests: this.#interests.slice(0, count) };
  }

  #runAfter(waited: Promise<void>, source: PollSource): Promise<Errno> {
    return waited.then(() => {
      this.nowNs = this.#waiter.resume();
      return this.#run(source, true);
    });
  }

  #askAll(source: PollSource): void {
    this.#waiting = 0;
    this.#leftNs = Infinity;
    this.#found = Found.NOTHING;
    this.#needsEventLoop = false;
    this.#refreshed = undefined;
    source.askAll(this);
  }

  #mustYield(): boolean {
    const { canSuspend, fairness } = this.#waiter;
    return canSuspend && fairness.mustYield(this.#found, this.#now());
  }

  /** The clock is read when its time is needed: that may cost more than the rest of a poll. */
  #now(): number {
    if (Number.isNaN(this.nowNs)) this.nowNs = this.#waiter.clock.monotonic();
    return this.nowNs;
  }

  #wait(timeoutNs: number): void | Promise<void> {
    const { interrupt, mode } = this.#waiter;
    if (interrupt !== undefined) this.#waitFor(interrupt, Interest.READ);
    this.#pollables.length = this.#waiting;
    this.#interests.length = this.#waiting;
    const waited = this.#waiter.waitPrepared(this.#pollables, this.#interests, timeoutNs, mode);
    if (waited === undefined) interrupt?.check();
    return waited;
  }

  #waitFor(pollable: Pollable, interest: number): void {
    this.#pollables[this.#waiting] = pollable;
    this.#interests[this.#waiting++] = interest;
  }

  /**
   * Ask a pollable, and wait for it if nothing is ready.
   *
   * @param interest Bits of `Interest`.
   * @returns Bits of `Readiness`.
   */
  ask(pollable: Pollable, interest: number): number {
    if (pollable.needsEventLoop) this.#needsEventLoop = true;
    const { group } = pollable;
    if (group !== undefined && group !== this.#refreshed) this.#refresh(group);
    const readiness = pollable.readiness(interest);
    if (readiness === 0) this.#waitFor(pollable, interest);
    else this.#found = Found.POLLABLES;
    return readiness;
  }

  /** Wait for a pollable that is known not to be ready, if nothing else is. @param interest Bits of `Interest`. */
  addWait(pollable: Pollable, interest: number): void {
    if (pollable.needsEventLoop) this.#needsEventLoop = true;
    this.#waitFor(pollable, interest);
  }

  #refresh(group: PollGroup): void {
    group.refresh();
    this.#refreshed = group;
  }

  /**
   * Ask for a deadline, and wait for it if nothing is ready.
   *
   * @param leftNs Time left to it (ns).
   * @returns True if it has expired.
   */
  askTimeLeft(leftNs: number): boolean {
    if (leftNs > 0) {
      if (leftNs < this.#leftNs) this.#leftNs = leftNs;
      return false;
    }
    if (this.#found === Found.NOTHING) this.#found = Found.DEADLINES;
    return true;
  }

  /** As {@linkcode PollRound.askTimeLeft}, in a {@linkcode PollRound.step}. @param timeNs On the monotonic clock (ns). */
  askDeadline(timeNs: number): boolean {
    return this.askTimeLeft(timeNs - this.#now());
  }

  /** Records that the poll has a result without waiting, such as an error. */
  answer(): void {
    this.#found = Found.POLLABLES;
  }
}
