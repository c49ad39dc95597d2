/** Polls lists of pollables, as `wasi:io/poll` does. */

import type { Pollable } from "../../contract/pollable.ts";
import { Deadline } from "./deadline.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import { PollRound, type PollSource } from "./poll_round.ts";
import type { GuestWaiter } from "./wait.ts";

/** Pollables, among them {@linkcode Deadline}s, and what to wait for of each. */
export interface Polled {
  /** What is polled. */
  readonly pollables: readonly Pollable[];
  /** Bits of `Interest`, one entry for each pollable. */
  readonly interests: readonly number[];
}

/** Which pollables of a list are ready. */
export interface ReadyIndices {
  /** How many are ready. */
  count: number;
  /** Their indices in the list; as long as the list or longer. */
  readonly indices: Uint32Array;
}

/** Polls lists for one guest. It keeps its memory from poll to poll. */
export class PollList {
  readonly #waiter: GuestWaiter;
  /** A poll that waits keeps its memory to itself: another call of the guest may poll in the meantime. */
  #spare: ListSource | undefined;

  /** @param waiter Waits for the guest. */
  constructor(waiter: GuestWaiter) {
    this.#waiter = waiter;
  }

  /**
   * Wait until at least one pollable of a list is ready.
   *
   * @param polled The list.
   * @param ready Receives the indices of those that are ready.
   * @returns `SUCCESS`, or a promise of it where the guest is suspended.
   */
  poll(polled: Polled, ready: ReadyIndices): MaybePromise {
    const source = this.#spare ?? new ListSource(this.#waiter);
    this.#spare = undefined;
    const result = source.poll(polled, ready);
    if (typeof result === "number") this.#spare = source;
    return result;
  }
}

class ListSource implements PollSource {
  readonly #round: PollRound;
  #polled: Polled | undefined;
  #ready: ReadyIndices | undefined;

  constructor(waiter: GuestWaiter) {
    this.#round = new PollRound(waiter);
  }

  poll(polled: Polled, ready: ReadyIndices): MaybePromise {
    this.#polled = polled;
    this.#ready = ready;
    return this.#round.run(this);
  }

  askAll(round: PollRound): void {
    const { pollables, interests } = this.#polled!;
    const ready = this.#ready!;
    ready.count = 0;
    for (let i = 0; i < pollables.length; i++) {
      const pollable = pollables[i]!;
      const isReady = pollable instanceof Deadline
        ? round.askTimeLeft(pollable.timeNs - round.nowNs)
        : round.ask(pollable, interests[i]!) !== 0;
      if (isReady) ready.indices[ready.count++] = i;
    }
  }
}
