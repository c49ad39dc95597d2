/** Copies of few bytes. */

/** Memory that is allocated at once. */
const SLAB_BYTES = 16 * 1024;
/** Larger copies have memory of their own, so that a copy that is kept for long keeps little else. */
const MAX_BYTES = 2 * 1024;

/**
 * Makes small copies in shared memory, because V8 takes half a microsecond to allocate a buffer and a garbage collection
 * to free it. So a copy must not reach code that could look beside it in its buffer.
 */
export class Slab {
  #memory: Uint8Array | undefined;
  #used = 0;

  /** A copy of `bytes[start, end)`. */
  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length > MAX_BYTES) return bytes.slice(start, end);
    let memory = this.#memory;
    if (memory === undefined || this.#used + length > SLAB_BYTES) {
      memory = this.#memory = new Uint8Array(SLAB_BYTES);
      this.#used = 0;
    }
    const copy = memory.subarray(this.#used, this.#used + length);
    copy.set(bytes.subarray(start, end));
    this.#used += length;
    return copy;
  }
}
