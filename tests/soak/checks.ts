/** What was found, and whether it is as it must be. */

/** Collects what was checked of one server. */
export class Checks {
  readonly #label: string;
  #failed = 0;

  /** @param label Stands before each line. */
  constructor(label: string) {
    this.#label = label;
  }

  /** How many failed. */
  get failed(): number {
    return this.#failed;
  }

  /** Print what was found, and whether it holds. */
  check(holds: boolean, found: string): void {
    if (!holds) this.#failed++;
    console.log(`${this.#label} ${holds ? "ok" : "FAILED"}: ${found}`);
  }

  /** Print what is not judged. */
  note(text: string): void {
    console.log(`${this.#label} ${text}`);
  }
}
