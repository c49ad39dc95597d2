/** Points in time as `wasi:clocks` and `wasi:filesystem` write them: seconds and nanoseconds. */

import type { CallContext } from "../../../component/abi/context.ts";

/** Canonical text of `datetime`: 16 bytes, aligned to 8. */
export const DATETIME: string = "record{seconds: u64, nanoseconds: u32}";

const WORD = 2 ** 32;
const SECOND = 1_000_000_000;

/**
 * Store a `datetime`.
 *
 * It is made of numbers, because arithmetic on bigints allocates: the quotient of a float64 is off by one at most, which
 * the remainder, exact in its low 32 bits, tells.
 *
 * @param at Where: 16 bytes in memory.
 * @param low Low half of the ns since 1970 (u32).
 * @param high High half (u32).
 */
export function storeDatetime(cx: CallContext, at: number, low: number, high: number): void {
  let seconds = Math.floor((high * WORD + low) / SECOND);
  let rest = (low - Math.imul(seconds, SECOND)) | 0;
  if (rest < 0) {
    seconds--;
    rest += SECOND;
  } else if (rest >= SECOND) {
    seconds++;
    rest -= SECOND;
  }
  const { view } = cx;
  view.setUint32(at, seconds, true);
  view.setUint32(at + 4, Math.floor(seconds / WORD), true);
  view.setUint32(at + 8, rest, true);
}
