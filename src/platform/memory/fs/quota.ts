/** Limits on the size of a file system. */

/** Limits of a file system in memory. */
export interface MemoryLimits {
  /**
   * Bytes of file contents, without holes. Writes beyond it return `NOSPC`. Default: no limit.
   */
  readonly maxBytes?: number;
  /** Names in all directories. Creating more returns `NOSPC`. Default: no limit. */
  readonly maxNames?: number;
}

/** A counter with a limit. */
export class Quota {
  readonly #limit: number;
  #used = 0;

  /**
   * @param limit The largest number.
   * @param name Name of the option, for messages.
   * @throws {RangeError} If the limit is negative or not a number.
   */
  constructor(limit: number, name: string) {
    if (!(limit >= 0)) {
      throw new RangeError(`Cannot limit what is kept in memory: ${name} is ${limit}, and not 0 or more`);
    }
    this.#limit = limit;
  }

  /** How many are left. */
  get free(): number {
    return this.#limit - this.#used;
  }

  /** How many there are. */
  get used(): number {
    return this.#used;
  }

  /** Acquires up to `count`. @returns The number granted. */
  take(count: number): number {
    const granted = Math.min(count, this.free);
    this.#used += granted;
    return granted;
  }

  /** Releases some. */
  release(count: number): void {
    this.#used -= count;
  }
}
