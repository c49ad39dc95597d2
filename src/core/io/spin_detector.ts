/** Recognises a guest that does nothing but yield (RATIONALE "Why does sched_yield park the guest?"). */

/** Two yields less than this apart have no real work in between (ns). */
const IDLE_GAP_NS = 20_000;

/** After this many idle yields in a row, the guest is parked. */
const PATIENCE = 256;

/** Counts yields. */
export class SpinDetector {
  #lastNs = 0;
  #idle = 0;

  /**
   * Count a yield.
   *
   * @param nowNs Monotonic time.
   * @returns True if the guest spins and should be parked.
   */
  spins(nowNs: number): boolean {
    const gap = nowNs - this.#lastNs;
    this.#lastNs = nowNs;
    this.#idle = gap < IDLE_GAP_NS ? this.#idle + 1 : 0;
    if (this.#idle < PATIENCE) return false;
    this.#idle = 0;
    return true;
  }
}

/** How long a spinning guest is parked (ns). */
export const PARK_NS = 1_000_000;
