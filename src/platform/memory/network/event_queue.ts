/** The order in which a virtual network tells what happened. */

import { afterTurn } from "../../../core/waiter.ts";

/** Something that has events to tell. */
export interface Teller {
  /** Tell what there is to tell now. Asked for once for each {@linkcode EventQueue.add}. */
  tell(): void;
}

/**
 * How many times in a row the queue goes on within the same turn of the event loop. Two guests that answer one another
 * would otherwise keep timers and the host's own sockets waiting for ever.
 */
const RUNS_PER_TURN = 64;

/** Calls those who have something to tell, in order, after the call that made them so has returned. */
export class EventQueue {
  #waiting: Teller[] = [];
  /** The array that was emptied last, so that none has to be made. */
  #spare: Teller[] = [];
  #isScheduled = false;
  #runs = 0;
  readonly #run = (): void => this.#tellAll();

  /** Let `teller` tell, after those who were added before. */
  add(teller: Teller): void {
    this.#waiting.push(teller);
    if (!this.#isScheduled) this.#schedule();
  }

  #schedule(): void {
    this.#isScheduled = true;
    this.#runs = (this.#runs + 1) % RUNS_PER_TURN;
    if (this.#runs === 0) afterTurn(this.#run);
    else queueMicrotask(this.#run);
  }

  /** Those who are added meanwhile wait for the next run. */
  #tellAll(): void {
    const tellers = this.#waiting;
    this.#waiting = this.#spare;
    let told = 0;
    try {
      while (told < tellers.length) tellers[told++]!.tell();
    } finally {
      if (told < tellers.length) this.#waiting.unshift(...tellers.slice(told));
      tellers.length = 0;
      this.#spare = tellers;
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}
