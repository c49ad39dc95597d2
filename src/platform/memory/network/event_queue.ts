/** The order of events on a virtual network. */

import { afterTurn } from "../../../core/io/waiter.ts";

/** A source of events. */
export interface EventProducer {
  /** Delivers pending events. Called once for each {@linkcode EventQueue.add}. */
  deliver(): void;
}

/**
 * Limit on consecutive runs within one turn of the event loop. Two guests that respond to each other
 * would otherwise keep timers and the host's own sockets waiting for ever.
 */
const RUNS_PER_TURN = 64;

/** Calls sources of events in order, after the call that caused the events has returned. */
export class EventQueue {
  #waiting: EventProducer[] = [];
  /** The array emptied last, kept for reuse. */
  #spare: EventProducer[] = [];
  #isScheduled = false;
  #runs = 0;
  readonly #run = (): void => this.#deliverAll();

  /** Schedules a source after those added before. */
  add(source: EventProducer): void {
    this.#waiting.push(source);
    if (!this.#isScheduled) this.#schedule();
  }

  #schedule(): void {
    this.#isScheduled = true;
    this.#runs = (this.#runs + 1) % RUNS_PER_TURN;
    if (this.#runs === 0) afterTurn(this.#run);
    else queueMicrotask(this.#run);
  }

  /** Sources added meanwhile wait for the next run. */
  #deliverAll(): void {
    const sources = this.#waiting;
    this.#waiting = this.#spare;
    let delivered = 0;
    try {
      while (delivered < sources.length) sources[delivered++]!.deliver();
    } finally {
      if (delivered < sources.length) this.#waiting.unshift(...sources.slice(delivered));
      sources.length = 0;
      this.#spare = sources;
      this.#isScheduled = false;
      if (this.#waiting.length > 0) this.#schedule();
    }
  }
}
