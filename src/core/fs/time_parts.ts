/** Times as seconds and nanoseconds, without the division of a bigint. */

/** ns of a second. */
const SECOND = 1_000_000_000;
const SECOND_NS = 1_000_000_000n;
const HALF_WORD = 65536;
const WORD = 2 ** 32;

/** Converts times. An object of this class serves one call at a time. */
export class TimeParts {
  /** Seconds of the time that was split last. */
  seconds = 0;
  /** Nanoseconds of the time that was split last, below 10^9. */
  nanoseconds = 0;
  readonly #words: Uint32Array = new Uint32Array(2);
  readonly #ns: BigInt64Array = new BigInt64Array(this.#words.buffer as ArrayBuffer);

  /**
   * Splits a time.
   *
   * @param ns Nanoseconds since 1970: at least 0, below 2^63.
   */
  split(ns: bigint): void {
    this.#ns[0] = ns;
    const low = this.#words[0]!;
    const high = this.#words[1]!;
    // Long division in base 2^16: a remainder is below 2^30, so that every dividend is below 2^53.
    const first = Math.floor(high / SECOND);
    const second = (high - first * SECOND) * HALF_WORD + (low >>> 16);
    const secondQuotient = Math.floor(second / SECOND);
    const third = (second - secondQuotient * SECOND) * HALF_WORD + (low & 0xffff);
    const thirdQuotient = Math.floor(third / SECOND);
    this.seconds = first * WORD + secondQuotient * HALF_WORD + thirdQuotient;
    this.nanoseconds = third - thirdQuotient * SECOND;
  }
}

/** Nanoseconds of a time. @param nanoseconds May be 10^9 or more. */
export function joinTime(seconds: bigint, nanoseconds: number): bigint {
  return seconds * SECOND_NS + BigInt(nanoseconds);
}
