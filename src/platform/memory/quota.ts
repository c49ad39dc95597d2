/** Counts what a file system holds against its limits. */

/** How much a file system in memory may hold. */
export interface MemoryLimits {
  /**
   * Bytes of file contents, holes not counted. Writes beyond it answer `NOSPC`. Default: no limit.
   */
  readonly maxBytes?: number;
  /** Names in all directories together. Making more answers `NOSPC`. Default: no limit. */
  readonly maxNames?: number;
}

/** A number of things that may not grow beyond a limit. */
export class Quota {
  readonly #limit: number;
  #used = 0;

  /**
   * @param limit The largest number.
   * @param name Name of the option, for messages.
   * @throws {RangeError} If the limit is negative or not a number.
   */
  constructor(limit: number, name: string) {
    if (!(limit >= 0)) throw new RangeError(`Cannot limit a file system: ${name} is ${limit}, and not 0 or more`);
    this.#limit = limit;
  }

  /** How many more there may be. */
  get free(): number {
    return this.#limit - this.#used;
  }

  /** How many there are. */
  get used(): number {
    return this.#used;
  }

  /** Take up to `count`. @returns How many were granted. */
  take(count: number): number {
    const granted = Math.min(count, this.free);
    this.#used += granted;
    return granted;
  }

  /** Give back. */
  release(count: number): void {
    this.#used -= count;
  }
}
