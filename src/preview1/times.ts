/** The timestamps that a guest asks to set. */

import { Errno } from "../witx/errno.ts";
import { Fstflags, FSTFLAGS_ALL } from "../witx/types.ts";
import type { PlatformClock } from "../contract/platform.ts";

/** Timestamps in ns; undefined leaves one as it is. */
export interface RequestedTimes {
  /** Of the last access. */
  atim: bigint | undefined;
  /** Of the last modification. */
  mtim: bigint | undefined;
}

/**
 * Reads `fstflags` and their values.
 *
 * @param out Receives the times.
 * @returns `INVAL` for unknown bits, or for a time that is both given and "now".
 */
export function readTimes(
  clock: PlatformClock,
  atim: bigint,
  mtim: bigint,
  fstFlags: number,
  out: RequestedTimes,
): Errno {
  const bothAtim = Fstflags.ATIM | Fstflags.ATIM_NOW;
  const bothMtim = Fstflags.MTIM | Fstflags.MTIM_NOW;
  if ((fstFlags & ~FSTFLAGS_ALL) !== 0) return Errno.INVAL;
  if ((fstFlags & bothAtim) === bothAtim || (fstFlags & bothMtim) === bothMtim) return Errno.INVAL;
  const now = (fstFlags & (Fstflags.ATIM_NOW | Fstflags.MTIM_NOW)) !== 0 ? nowNs(clock) : 0n;
  out.atim = choose(fstFlags, Fstflags.ATIM, Fstflags.ATIM_NOW, atim, now);
  out.mtim = choose(fstFlags, Fstflags.MTIM, Fstflags.MTIM_NOW, mtim, now);
  return Errno.SUCCESS;
}

function choose(flags: number, given: number, atNow: number, value: bigint, now: bigint): bigint | undefined {
  if ((flags & atNow) !== 0) return now;
  return (flags & given) !== 0 ? BigInt.asUintN(64, value) : undefined;
}

function nowNs(clock: PlatformClock): bigint {
  const words = new Uint32Array(2);
  clock.realtime(words);
  return (BigInt(words[1]!) << 32n) | BigInt(words[0]!);
}
