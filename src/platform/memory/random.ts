/** Random bytes: the same ones in every run, or real ones. */

import type { PlatformRandom } from "../../contract/platform.ts";

/** Bytes that `getRandomValues` gives at once at most. */
const CRYPTO_QUOTA = 65536;

/** State of xoshiro128**: four words, not all of them zero. */
export type Xoshiro128 = Uint32Array;

/**
 * The next number of xoshiro128** 1.1, by David Blackman and Sebastiano Vigna (prng.di.unimi.it).
 *
 * @param state Moved on.
 * @returns 32 bits.
 */
export function nextXoshiro128(state: Xoshiro128): number {
  const s1 = state[1]!;
  const result = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
  state[2]! ^= state[0]!;
  state[3]! ^= s1;
  state[1]! ^= state[2]!;
  state[0]! ^= state[3]!;
  state[2]! ^= s1 << 9;
  state[3] = rotateLeft(state[3]!, 11);
  return result;
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** Words of a state from one number, by splitmix32. */
function seedState(seed: number): Xoshiro128 {
  const state = new Uint32Array(4);
  let at = seed | 0;
  for (let i = 0; i < 4; i++) {
    at = (at + 0x9e3779b9) | 0;
    let word = Math.imul(at ^ (at >>> 16), 0x21f0aaad);
    word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
    state[i] = word ^ (word >>> 15);
  }
  return state;
}

/**
 * Bytes that look random and are the same for the same seed. They are NOT fit for keys, tokens or anything else that
 * must not be guessed.
 *
 * @param seed 32 bits.
 * @throws {RangeError} If the seed is no whole number of 32 bits.
 */
export function seededRandom(seed: number): PlatformRandom {
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32) {
    throw new RangeError(`Cannot seed random numbers with ${seed}: a seed is a whole number from 0 to 2^32 - 1`);
  }
  const state = seedState(seed);
  return {
    fill(bytes, start, length): void {
      let word = 0;
      for (let i = 0; i < length; i++) {
        word = i % 4 === 0 ? nextXoshiro128(state) : word >>> 8;
        bytes[start + i] = word;
      }
    },
  };
}

/** @returns Bytes of `crypto.getRandomValues`. */
export function cryptoRandom(): PlatformRandom {
  return {
    fill(bytes, start, length): void {
      for (let done = 0; done < length; done += CRYPTO_QUOTA) {
        // Not into `bytes` itself: it may be shared memory, which getRandomValues refuses.
        const piece = new Uint8Array(Math.min(CRYPTO_QUOTA, length - done));
        bytes.set(crypto.getRandomValues(piece), start + done);
      }
    },
  };
}
