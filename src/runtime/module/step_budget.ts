/** Bounds the time of parsing an untrusted binary. */

/** Counts steps of about equal cost. */
export class StepBudget {
  readonly #max: number;
  #spent = 0;

  /** @param max Limit on steps. */
  constructor(max: number) {
    this.#max = max;
  }

  /** Steps so far, up to the limit. */
  get spent(): number {
    return this.#spent;
  }

  /**
   * Takes one or more steps.
   *
   * @throws {RangeError} If none are left.
   */
  spend(steps: number = 1): void {
    if (!(steps <= this.#max - this.#spent)) throw new RangeError("Cannot read a binary with so much in it");
    this.#spent += steps;
  }
}
