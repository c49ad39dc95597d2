/** `struct iovec`s over a guest's memory, or any other array. */

import type { IoVectors } from "../../../contract/vectors.ts";
import type { Address } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";
import type { Region } from "../ffi/arena.ts";

/** Pieces of one call at most (IOV_MAX). */
const MAX_IOVECS = 1024;
const IOVEC_BYTES = 16;
const WORD = 2 ** 32;

/** Room for the pieces of one call, and where the arrays lie that they are pieces of. */
export class Iovecs {
  readonly #libc: Libc;
  readonly #region: Region;
  readonly #words: Uint32Array;
  /** The array that was used last, and where it lies. */
  #bytes: Uint8Array | undefined;
  #base = 0;
  #low = 0;
  #high = 0;

  /** @param libc Has the memory. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#region = libc.arena.allocate(MAX_IOVECS * IOVEC_BYTES);
    this.#words = this.#region.u32;
  }

  /** Where they are. */
  get address(): Address {
    return this.#region.address;
  }

  /** Where they are, to be stored. */
  get pointer(): number {
    return this.#libc.arena.pointerTo(this.#region);
  }

  /** Address of a byte of an array. */
  addressOf(bytes: Uint8Array, start: number): number {
    if (bytes !== this.#bytes) this.#locate(bytes);
    return this.#base + start;
  }

  /** Store the only piece. */
  storeOne(bytes: Uint8Array, start: number, length: number): void {
    if (bytes !== this.#bytes) this.#locate(bytes);
    this.#store(0, start, length);
  }

  /** Store all pieces that one call takes. @returns Their number. */
  store({ bytes, starts, lengths, count }: IoVectors): number {
    if (count > MAX_IOVECS) count = MAX_IOVECS;
    if (bytes !== this.#bytes) this.#locate(bytes);
    for (let i = 0; i < count; i++) this.#store(i * 4, starts[i]!, lengths[i]!);
    return count;
  }

  #store(at: number, start: number, length: number): void {
    const words = this.#words;
    const low = this.#low + start;
    words[at] = low;
    words[at + 1] = low < WORD ? this.#high : this.#high + 1;
    words[at + 2] = length;
    words[at + 3] = 0;
  }

  #locate(bytes: Uint8Array): void {
    // Whoever asks for the buffer of a small array moves it out of the runtime's own memory, where it may be moved again.
    const { byteLength } = bytes.buffer;
    // The array is forgotten first and remembered last: were it remembered with the address of another guest's memory,
    // an exception in between would let one guest reach into the other (RATIONALE "What happens when a host call
    // overflows the stack?").
    this.#bytes = undefined;
    this.#base = byteLength === 0 ? 0 : this.#libc.ffi.addressOf(bytes);
    this.#high = Math.floor(this.#base / WORD);
    this.#low = this.#base - this.#high * WORD;
    this.#bytes = bytes;
  }
}
