/** A number of checks, each of which passes, fails or is skipped. */
export class Checks {
  #passed = 0;
  #failed = 0;

  /** Make a check. It fails if `body` throws. */
  check(name: string, body: () => void): void {
    try {
      body();
      this.#passed++;
      console.log(`ok ${name}`);
    } catch (error) {
      this.#failed++;
      console.log(`FAILED ${name}\n${String(error instanceof Error ? error.message : error).replace(/^/gm, "    ")}`);
    }
  }

  /** Say that a check can't be made here. */
  skip(name: string, reason: string): void {
    console.log(`skipped ${name}: ${reason}`);
  }

  /** Print the counts. @returns True if all passed. */
  report(): boolean {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    return this.#failed === 0 && this.#passed > 0;
  }
}
