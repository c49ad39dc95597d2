/** Decides when a guest must yield to the event loop, so that what only the event loop makes ready can become ready. */

import { SpinDetector } from "./spin_detector.ts";

/** A guest that has not yielded for this long yields even if it has found something to do (ns). */
const OVERDUE_NS = 1_000_000;

/** Two empty results less than this apart belong together (ns). */
const IDLE_GAP_NS = 20_000;

/** After this many empty results in a row, the guest does nothing but poll. */
const PATIENCE = 16;

/** What a poll has found. */
export const Found = { NOTHING: 0, DEADLINES: 1, POLLABLES: 2 } as const;
/** One of {@linkcode Found}. */
export type Found = (typeof Found)[keyof typeof Found];

/** Fairness between one guest and the event loop. Every wait of the guest reports to it and asks it. */
export class EventLoopFairness {
  readonly #yields: SpinDetector = new SpinDetector();
  #turnNs: number;
  #turns = 0;
  #emptyNs = -Infinity;
  #empties = 0;

  /** @param nowNs Monotonic time at which the guest starts. */
  constructor(nowNs: number) {
    this.#turnNs = nowNs;
  }

  /** How often {@linkcode EventLoopFairness.turned} was called. */
  get turns(): number {
    return this.#turns;
  }

  /** The event loop has had a turn. @param nowNs Monotonic time. */
  turned(nowNs: number): void {
    this.#turns++;
    this.#turnNs = nowNs;
    this.#empties = 0;
  }

  /** @returns True if the guest has not yielded for too long, whatever it does. */
  isOverdue(nowNs: number): boolean {
    return nowNs - this.#turnNs >= OVERDUE_NS;
  }

  /**
   * Whether a poll must yield before it returns what it has found. A guest that polls with a timeout of zero, or always finds
   * another pollable ready, would otherwise keep the event loop from making the rest ready.
   *
   * @param found What the poll has found. At least one of its pollables needs the event loop.
   * @param nowNs Monotonic time.
   */
  mustYield(found: Found, nowNs: number): boolean {
    return found === Found.DEADLINES || (found === Found.POLLABLES && this.isOverdue(nowNs));
  }

  /** Counts an empty result of a non-blocking call. @returns True if the guest must yield before it gets it. */
  isStarving(nowNs: number): boolean {
    this.#empties = nowNs - this.#emptyNs < IDLE_GAP_NS ? this.#empties + 1 : 0;
    this.#emptyNs = nowNs;
    return this.#empties >= PATIENCE || this.isOverdue(nowNs);
  }

  /** Count a call that only yields. @returns True if the guest spins and should be parked. */
  isSpinning(nowNs: number): boolean {
    return this.#yields.spins(nowNs);
  }
}
