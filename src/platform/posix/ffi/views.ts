/** Views of a guest's memory, kept because a guest uses the same buffers again and again. */

/** Views that are kept; a power of two. */
const KEPT = 32;

/** Buffers that a guest allocates are at multiples of this. */
const ALIGNMENT_BITS = 4;

/** Views from an index of an array on. */
export class Views {
  #bytes: Uint8Array | undefined;
  #buffer: ArrayBufferLike | undefined;
  readonly #views: Uint8Array[] = [];

  /**
   * A view from `start` on, to the end of the array.
   *
   * @param bytes The array, which may be another one each time; few are used at a time.
   * @param start Index in it.
   */
  from(bytes: Uint8Array, start: number): Uint8Array {
    if (bytes !== this.#bytes || bytes.buffer !== this.#buffer) this.#forget(bytes);
    const place = start >>> ALIGNMENT_BITS & (KEPT - 1);
    const view = this.#views[place]!;
    if (view.byteOffset === bytes.byteOffset + start) return view;
    return this.#views[place] = bytes.subarray(start);
  }

  #forget(bytes: Uint8Array): void {
    // Remembered last: an exception in between must not leave views of another guest's memory.
    this.#bytes = undefined;
    const start = bytes.subarray(0);
    for (let i = 0; i < KEPT; i++) this.#views[i] = start;
    this.#buffer = bytes.buffer;
    this.#bytes = bytes;
  }
}
