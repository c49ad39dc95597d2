/** Clocks of preview 1 over those of a platform. */

import { Errno } from "../witx/errno.ts";
import { Clockid } from "../witx/types.ts";
import type { PlatformClock } from "./platform.ts";

const WORD = 2 ** 32;
const words: Uint32Array = new Uint32Array(2);

/** Time of day in ns, as a float64: exact to about 256 ns. */
export function realtimeNs(clock: PlatformClock): number {
  clock.realtime(words);
  return words[1]! * WORD + words[0]!;
}

/** Store a count of ns below 2^53 as two words. */
export function storeNs(ns: number, out: Uint32Array): void {
  const high = Math.floor(ns / WORD);
  out[0] = ns - high * WORD;
  out[1] = high;
}

/** As documented on `System.clockTimeGet`. */
export function clockTimeGet(clock: PlatformClock, id: number, out: Uint32Array): Errno {
  switch (id) {
    case Clockid.MONOTONIC:
      if (clock.monotonicInto !== undefined) clock.monotonicInto(out);
      else storeNs(clock.monotonic(), out);
      return Errno.SUCCESS;
    case Clockid.REALTIME:
      clock.realtime(out);
      return Errno.SUCCESS;
    case Clockid.PROCESS_CPUTIME_ID:
    case Clockid.THREAD_CPUTIME_ID: {
      const ns = clock.cputime();
      if (ns < 0) return -ns as Errno;
      storeNs(ns, out);
      return Errno.SUCCESS;
    }
    default:
      return Errno.INVAL;
  }
}

/** As documented on `System.clockResGet`. */
export function clockResGet(clock: PlatformClock, id: number, out: Uint32Array): Errno {
  if (id > Clockid.THREAD_CPUTIME_ID) return Errno.INVAL;
  if (id >= Clockid.PROCESS_CPUTIME_ID) {
    const ns = clock.cputime();
    if (ns < 0) return -ns as Errno;
  }
  storeNs(clock.resolution(id), out);
  return Errno.SUCCESS;
}
