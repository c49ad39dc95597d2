/** Hashes that identify files without disclosing their device and serial numbers. */

import type { PlatformRandom } from "../../contract/platform.ts";
import { type Filestat, FilestatWord } from "../../witx/types.ts";

/** Two keys of 8 bytes. */
const KEY_BYTES = 16;
/** Length of the hashed bytes (device and serial number), as the hash has it in its last word. */
const LENGTH_WORD = 16 << 24;

/**
 * A keyed hash of device and serial number: HalfSipHash-2-4 of 64 bits (Aumasson and Bernstein), once with each of two
 * keys. It needs words of 32 bits only, and does not allocate.
 */
export class ObjectHash {
  /** The hash that was computed last, low word first. */
  readonly words: Uint32Array = new Uint32Array(4);
  readonly #key: Uint32Array;
  readonly #message: Uint32Array = new Uint32Array(4);
  readonly #state: Int32Array = new Int32Array(4);

  /** @param random Makes the keys. */
  constructor(random: PlatformRandom) {
    const key = new Uint8Array(KEY_BYTES);
    random.fill(key, 0, KEY_BYTES);
    this.#key = new Uint32Array(key.buffer);
  }

  /**
   * Computes {@linkcode ObjectHash.words}: the same for the same file as long as this object lives.
   *
   * @param stat Attributes of the file.
   */
  compute({ words }: Filestat): void {
    for (let i = 0; i < 2; i++) {
      this.#message[i] = words[FilestatWord.DEV + i]!;
      this.#message[i + 2] = words[FilestatWord.INO + i]!;
    }
    this.#halfOf(0);
    this.#halfOf(2);
  }

  /** Two words of the hash, with the key of two words at the same index. */
  #halfOf(index: 0 | 2): void {
    const state = this.#state;
    const k0 = this.#key[index]!;
    const k1 = this.#key[index + 1]!;
    state[0] = k0;
    state[1] = k1 ^ 0xee;
    state[2] = k0 ^ 0x6c796765;
    state[3] = k1 ^ 0x74656462;
    for (let i = 0; i < 4; i++) absorb(state, this.#message[i]!);
    absorb(state, LENGTH_WORD);
    state[2]! ^= 0xee;
    this.words[index] = finish(state);
    state[1]! ^= 0xdd;
    this.words[index + 1] = finish(state);
  }
}

function absorb(state: Int32Array, word: number): void {
  state[3]! ^= word;
  round(state);
  round(state);
  state[0]! ^= word;
}

function finish(state: Int32Array): number {
  for (let i = 0; i < 4; i++) round(state);
  return state[1]! ^ state[3]!;
}

function round(state: Int32Array): void {
  let v0 = state[0]!;
  let v1 = state[1]!;
  let v2 = state[2]!;
  let v3 = state[3]!;
  v0 = v0 + v1 | 0;
  v1 = rotated(v1, 5) ^ v0;
  v0 = rotated(v0, 16);
  v2 = v2 + v3 | 0;
  v3 = rotated(v3, 8) ^ v2;
  v0 = v0 + v3 | 0;
  v3 = rotated(v3, 7) ^ v0;
  v2 = v2 + v1 | 0;
  v1 = rotated(v1, 13) ^ v2;
  v2 = rotated(v2, 16);
  state[0] = v0;
  state[1] = v1;
  state[2] = v2;
  state[3] = v3;
}

function rotated(word: number, bits: number): number {
  return word << bits | word >>> (32 - bits);
}
