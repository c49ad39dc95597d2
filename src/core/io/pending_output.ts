/** Queued output of a guest: it is written while the guest waits, and at its end. */

import { Interest, type Pollable } from "../../contract/pollable.ts";
import type { Interrupt } from "./interrupt.ts";
import type { GuestWaiter } from "./wait.ts";

/** Output that is queued: an `OutQueue`. */
export interface QueuedOutput {
  /** What to wait for, with {@linkcode QueuedOutput.interest}. */
  readonly pollable: Pollable | undefined;
  /** Bits of `Interest`. */
  readonly interest: number;
  /** True while something is queued, or a flush is in progress. */
  readonly isBusy: boolean;
  /** How long the end of the guest waits for it (ns). */
  readonly lingerNs: number;
  /** Write what can be written. @returns 0 when nothing is left to do, `-INPROGRESS`, or minus an errno. */
  drain(): number;
  /** Give up what is queued. */
  abandon(): void;
}

/** The queues of one guest that hold something. */
export class PendingOutput {
  readonly #queues: Set<QueuedOutput> = new Set();

  /** True if nothing is queued. */
  get isEmpty(): boolean {
    return this.#queues.size === 0;
  }

  /** A queue holds something. */
  add(queue: QueuedOutput): void {
    this.#queues.add(queue);
  }

  /** A queue holds nothing any more. */
  delete(queue: QueuedOutput): void {
    this.#queues.delete(queue);
  }

  /** Write what can be written. */
  drain(): void {
    for (const queue of this.#queues) queue.drain();
  }

  /** Give up all that is queued: the guest has ended, and nobody drains it any more. */
  abandon(): void {
    for (const queue of this.#queues) queue.abandon();
  }

  /** Add to a wait what may be written meanwhile. */
  appendTo(pollables: Pollable[], interests: number[]): void {
    for (const queue of this.#queues) {
      if (queue.pollable === undefined) continue;
      pollables.push(queue.pollable);
      interests.push(queue.interest);
    }
  }

  /**
   * Wait until everything is written or has failed. What takes longer than its `lingerNs` is given up.
   *
   * The end of the guest does not interrupt it.
   *
   * @param waiter Waits for the guest.
   * @param abort Ends the wait early; undefined if nothing does.
   * @returns A promise where the guest is suspended and something is queued.
   * @throws The reason of `abort`.
   */
  flushed(waiter: GuestWaiter, abort?: Interrupt): void | Promise<void> {
    const startNs = waiter.clock.monotonic();
    for (;;) {
      const leftNs = this.#drainUntil(waiter.clock.monotonic() - startNs);
      if (this.isEmpty) return;
      abort?.check();
      const waited = this.#wait(waiter, leftNs, abort);
      if (waited !== undefined) return waited.then(() => this.#flushedAfter(waiter, startNs, abort));
    }
  }

  async #flushedAfter(waiter: GuestWaiter, startNs: number, abort: Interrupt | undefined): Promise<void> {
    for (;;) {
      const leftNs = this.#drainUntil(waiter.clock.monotonic() - startNs);
      if (this.isEmpty) return;
      abort?.check();
      await this.#wait(waiter, leftNs, abort);
    }
  }

  /** @returns Time left for the first queue that will be given up (ns). */
  #drainUntil(passedNs: number): number {
    let leftNs = Infinity;
    for (const queue of this.#queues) {
      queue.drain();
      if (!queue.isBusy) continue;
      const ownNs = queue.lingerNs - passedNs;
      if (ownNs <= 0) queue.abandon();
      else leftNs = Math.min(leftNs, ownNs);
    }
    return leftNs;
  }

  #wait(waiter: GuestWaiter, timeoutNs: number, abort: Interrupt | undefined): void | Promise<void> {
    const pollables: Pollable[] = abort === undefined ? [] : [abort];
    const interests: number[] = abort === undefined ? [] : [Interest.READ];
    this.appendTo(pollables, interests);
    return waiter.waitPrepared(pollables, interests, timeoutNs, waiter.mode);
  }
}
