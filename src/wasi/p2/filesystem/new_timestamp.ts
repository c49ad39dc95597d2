/** The variant `new-timestamp` of `wasi:filesystem/types`. */

import type { Failure } from "../../../contract/results.ts";
import { Errno } from "../../../witx/errno.ts";
import type { Filesystem } from "./filesystem.ts";

/** A `datetime`. Nanoseconds of 10^9 or more carry over. */
export interface Datetime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** A time to be set. */
export type NewTimestamp =
  | { readonly tag: "no-change" }
  | { readonly tag: "now" }
  | { readonly tag: "timestamp"; readonly val: Datetime };

/** Times to be set, in ns since 1970; undefined leaves one as it is. */
export interface NewTimes {
  readonly atim: bigint | undefined;
  readonly mtim: bigint | undefined;
}

const MAX_NS = 2n ** 64n - 1n;
const SECOND_NS = 1_000_000_000n;

/**
 * Times that a guest asks to set. Both are the same if both are "now".
 *
 * @returns The times, or `-OVERFLOW` for one of 2^64 ns (the year 2554) or later.
 */
export function newTimes(filesystem: Filesystem, atim: NewTimestamp, mtim: NewTimestamp): NewTimes | Failure {
  const now = atim.tag === "now" || mtim.tag === "now" ? filesystem.now() : 0n;
  const times = { atim: timeOf(atim, now), mtim: timeOf(mtim, now) };
  return (times.atim ?? 0n) > MAX_NS || (times.mtim ?? 0n) > MAX_NS ? -Errno.OVERFLOW : times;
}

function timeOf(time: NewTimestamp, now: bigint): bigint | undefined {
  switch (time.tag) {
    case "no-change":
      return undefined;
    case "now":
      return now;
    case "timestamp":
      return time.val.seconds * SECOND_NS + BigInt(time.val.nanoseconds);
  }
}
