/** Clocks of preview 1 over those of a platform. */

import { Errno } from "../witx/errno.ts";
import { Clockid } from "../witx/types.ts";
import type { PlatformClock } from "../contract/platform.ts";
import { errnoFromResult } from "../contract/results.ts";

const WORD = 2 ** 32;

/**
 * Time of day in ns, as a float64: exact to about 256 ns.
 *
 * @param words Scratch space of two words.
 */
export function realtimeNs(clock: PlatformClock, words: Uint32Array): number {
  clock.realtime(words);
  return words[1]! * WORD + words[0]!;
}

/** Stores a number of ns below 2^53 as two words. */
function storeNs(ns: number, out: Uint32Array): void {
  const high = Math.floor(ns / WORD);
  out[0] = ns - high * WORD;
  out[1] = high;
}

/** The calls `clock_*`. */
export class ClockCalls {
  readonly #clock: PlatformClock;

  /** @param clock Clocks of the host. */
  constructor(clock: PlatformClock) {
    this.#clock = clock;
  }

  /**
   * Stores the resolution of a clock.
   *
   * @param id `Clockid` (u32).
   * @param out Two words, low half first: ns (u64).
   *
   * Errors: `INVAL` no such clock; `NOTSUP` the host has no such clock. POSIX: clock_getres.
   */
  resGet(id: number, out: Uint32Array): Errno {
    if (id > Clockid.THREAD_CPUTIME_ID) return Errno.INVAL;
    if (id >= Clockid.PROCESS_CPUTIME_ID) {
      const ns = this.#clock.cputime();
      if (ns < 0) return errnoFromResult(ns);
    }
    storeNs(this.#clock.resolution(id), out);
    return Errno.SUCCESS;
  }

  /**
   * Stores the time of a clock.
   *
   * @param id `Clockid` (u32).
   * @param out Two words, low half first: ns (u64).
   *
   * Errors: `INVAL`, `NOTSUP` as {@linkcode ClockCalls.resGet}. POSIX: clock_gettime.
   */
  timeGet(id: number, out: Uint32Array): Errno {
    switch (id) {
      case Clockid.MONOTONIC:
        if (this.#clock.monotonicInto !== undefined) this.#clock.monotonicInto(out);
        else storeNs(this.#clock.monotonic(), out);
        return Errno.SUCCESS;
      case Clockid.REALTIME:
        this.#clock.realtime(out);
        return Errno.SUCCESS;
      case Clockid.PROCESS_CPUTIME_ID:
      case Clockid.THREAD_CPUTIME_ID: {
        const ns = this.#clock.cputime();
        if (ns < 0) return errnoFromResult(ns);
        storeNs(ns, out);
        return Errno.SUCCESS;
      }
      default:
        return Errno.INVAL;
    }
  }
}
