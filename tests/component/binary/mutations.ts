/** Changes binaries at random. */

/** A generator of pseudo-random numbers (mulberry32). */
export class Random {
  #state: number;

  /** @param seed Anything. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** An integer from 0 up to a limit, exclusive. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * limit);
  }
}

/** Bytes and numbers that decide something in the format. */
const TOKENS: readonly (readonly number[])[] = [
  [0x00],
  [0x01],
  [0x7f],
  [0x80],
  [0xff],
  [0x42, 0x80, 0x80, 0x04],
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xff, 0xff, 0xff, 0xff, 0x7f],
  [0x80, 0x80, 0x80, 0x80, 0x00],
  [0x41, 0x01],
  [0x6f, 0x02],
];
const MOST_CHANGES = 4;
const LONGEST_SPAN = 64;

/** A copy of a binary with one to four changes. @param other Spans of it may be copied into the binary. */
export function mutated(
  bytes: Uint8Array<ArrayBuffer>,
  other: Uint8Array<ArrayBuffer>,
  random: Random,
): Uint8Array<ArrayBuffer> {
  let result = bytes;
  for (let changes = 1 + random.below(MOST_CHANGES); changes > 0; changes--) result = changed(result, other, random);
  return result;
}

function changed(
  bytes: Uint8Array<ArrayBuffer>,
  other: Uint8Array<ArrayBuffer>,
  random: Random,
): Uint8Array<ArrayBuffer> {
  const at = random.below(bytes.length);
  const length = 1 + random.below(LONGEST_SPAN);
  const token = TOKENS[random.below(TOKENS.length)]!;
  switch (random.below(7)) {
    case 0:
      return spliced(bytes, at, 1, [random.below(256)]);
    case 1:
      return spliced(bytes, at, 1, [bytes[at]! ^ (1 << random.below(8))]);
    case 2:
      return spliced(bytes, at, random.below(2), token);
    case 3:
      return spliced(bytes, at, length, []);
    case 4:
      return spliced(bytes, at, 0, bytes.subarray(at, at + length));
    case 5: {
      const from = random.below(other.length);
      return spliced(bytes, at, random.below(length), other.subarray(from, from + length));
    }
    default:
      return bytes.slice(0, at + 1);
  }
}

function spliced(
  bytes: Uint8Array<ArrayBuffer>,
  at: number,
  removed: number,
  inserted: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const end = Math.min(at + removed, bytes.length);
  const result = new Uint8Array(at + inserted.length + bytes.length - end);
  result.set(bytes.subarray(0, at));
  result.set(inserted, at);
  result.set(bytes.subarray(end), at + inserted.length);
  return result;
}
