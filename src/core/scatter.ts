/** One loop for reads and writes over many pieces. */

import { Errno } from "../witx/errno.ts";
import type { IoVectors, SizeResult } from "./system.ts";

/** Moves bytes of one piece; answers how many, or minus an errno. `done` is what earlier pieces moved. */
export type Transfer<T> = (target: T, bytes: Uint8Array, start: number, length: number, done: number) => number;

/**
 * Transfer piece after piece until one is not moved whole.
 *
 * An error after the first byte is not told: the bytes moved so far are the answer, as with readv(2); it comes up
 * again at the next call.
 *
 * @param iovs The pieces; empty ones are passed over.
 * @param out Gets the number of bytes moved.
 * @param target What `transfer` works on.
 * @param transfer Moves one piece.
 */
export function transferAll<T>(iovs: IoVectors, out: SizeResult, target: T, transfer: Transfer<T>): Errno {
  const { bytes, starts, lengths, count } = iovs;
  let done = 0;
  for (let i = 0; i < count; i++) {
    const length = lengths[i]!;
    if (length === 0) continue;
    const moved = transfer(target, bytes, starts[i]!, length, done);
    if (moved < 0) {
      out.size = done;
      return done > 0 ? Errno.SUCCESS : (-moved as Errno);
    }
    done += moved;
    if (moved < length) break;
  }
  out.size = done;
  return Errno.SUCCESS;
}

/**
 * A result of a platform as an errno.
 *
 * @param result 0 or more for success, minus an errno for failure.
 */
export function toErrno(result: number): Errno {
  return result < 0 ? (-result as Errno) : Errno.SUCCESS;
}

/** The result of one transfer as an errno; `out` gets the number of bytes. */
export function transferred(result: number, out: SizeResult): Errno {
  out.size = result < 0 ? 0 : result;
  return toErrno(result);
}
