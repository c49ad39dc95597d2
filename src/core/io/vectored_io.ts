/** Vectored I/O over calls that transfer one buffer. */

import type { IoVectors } from "../../contract/vectors.ts";

/** One buffer as vectors: for callers that transfer one at a time, and keep this object from call to call. */
export class OneBuffer implements IoVectors {
  bytes: Uint8Array = new Uint8Array(0);
  readonly starts: Uint32Array = new Uint32Array(1);
  readonly lengths: Uint32Array = new Uint32Array(1);
  readonly count = 1;

  /** Set the buffer. @returns This object. */
  of(bytes: Uint8Array, start: number, length: number): this {
    this.bytes = bytes;
    this.starts[0] = start;
    this.lengths[0] = length;
    return this;
  }
}

/** Transfers one buffer. `done` bytes were transferred before. @returns Bytes transferred, or minus an errno. */
export type Transfer<T> = (target: T, bytes: Uint8Array, start: number, length: number, done: number) => number;

/**
 * Transfers buffer after buffer, until one is transferred in part only.
 *
 * An error after the first byte is not reported: the result is the number of bytes transferred, as with readv(2), and the
 * next call reports the error again.
 *
 * @param iovs The buffers; empty ones are skipped.
 * @param target What `transfer` works on.
 * @param transfer Transfers one buffer.
 * @returns Bytes transferred, or minus an errno.
 */
export function transferEach<T>(iovs: IoVectors, target: T, transfer: Transfer<T>): number {
  const { bytes, starts, lengths, count } = iovs;
  let done = 0;
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    if (length === 0) continue;
    const result = transfer(target, bytes, starts[i]!, length, done);
    if (result < 0) return done > 0 ? done : result;
    done += result;
    if (result < length) break;
  }
  return done;
}
