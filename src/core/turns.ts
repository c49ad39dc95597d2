/** When a guest that never waits lets the event loop turn (RATIONALE "Why does a busy guest let the event loop turn?"). */

/** Without a turn for so long, a guest lets it turn even if it has found something to do (ns). */
const OVERDUE_NS = 1_000_000;

/** Two empty answers with less than this between them belong together (ns). */
const IDLE_GAP_NS = 20_000;

/** So many empty answers in a row, and the guest does nothing but ask. */
const PATIENCE = 16;

/** Counts the answers of a guest since the event loop had its turn. */
export class TurnMeter {
  #turnNs: number;
  #emptyNs = -Infinity;
  #empties = 0;

  /** @param nowNs Monotonic time: the guest begins. */
  constructor(nowNs: number) {
    this.#turnNs = nowNs;
  }

  /** The event loop had a turn. @param nowNs Monotonic time. */
  turned(nowNs: number): void {
    this.#turnNs = nowNs;
    this.#empties = 0;
  }

  /** @returns True if a turn is due, whatever the guest does. */
  isOverdue(nowNs: number): boolean {
    return nowNs - this.#turnNs >= OVERDUE_NS;
  }

  /** Count an empty answer. @returns True if the guest is to let the event loop turn before it gets it. */
  isStarving(nowNs: number): boolean {
    this.#empties = nowNs - this.#emptyNs < IDLE_GAP_NS ? this.#empties + 1 : 0;
    this.#emptyNs = nowNs;
    return this.#empties >= PATIENCE || this.isOverdue(nowNs);
  }
}
