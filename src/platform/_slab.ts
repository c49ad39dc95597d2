/** Copies of few bytes. */

/** Memory that is taken at once. */
const SLAB_BYTES = 16 * 1024;
/** A copy of more has memory of its own, so that what is kept for long keeps little beside itself. */
const MOST_BYTES = 2 * 1024;

let slab: Uint8Array = new Uint8Array(0);
let used = 0;

/**
 * Copy `bytes[start, end)`. Small copies share their memory, because V8 takes half a microsecond to make a buffer, and a
 * garbage collection to lose it; so the view that is answered goes to nobody who could look beside it.
 */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length > MOST_BYTES) return bytes.slice(start, end);
  if (used + length > slab.length) {
    slab = new Uint8Array(SLAB_BYTES);
    used = 0;
  }
  const copy = slab.subarray(used, used + length);
  copy.set(bytes.subarray(start, end));
  used += length;
  return copy;
}
