/** Clocks out of what all runtimes have: `Date.now` and `performance.now`. */

import { Clockid } from "../../witx/types.ts";
import type { PlatformClock } from "../../contract/platform.ts";

const WORD = 2 ** 32;
const MS = 1e6;

/**
 * Clocks of the runtime.
 *
 * `Date.now` has a resolution of 1 ms. The rest comes from the monotonic clock and stays within the millisecond of
 * `Date.now`, so that a change of the wall clock takes effect at once.
 *
 * @param monotonicMs Time since some moment, with its fraction.
 * @param cputimeNs ns of processor time of the process.
 * @param realtimeStepNs Resolution of the wall clock: 1, or 1,000,000 where the runtime has file times in ms (Deno:
 * https://github.com/denoland/deno/pull/4932). With a
 * finer clock, a file just written would be older than the time read before the write.
 */
export function runtimeClock(
  monotonicMs: () => number,
  cputimeNs: () => number,
  realtimeStepNs: 1 | 1_000_000,
): PlatformClock {
  let originMs = 0;
  return {
    realtime(out) {
      const wholeMs = Date.now();
      if (realtimeStepNs !== 1) return storeNs(wholeMs, MS, 0, out);
      const nowMs = monotonicMs();
      let fractionMs = originMs + nowMs - wholeMs;
      if (fractionMs < 0 || fractionMs >= 1) {
        fractionMs = fractionMs < 0 ? 0 : 0.999999;
        originMs = wholeMs + fractionMs - nowMs;
      }
      storeNs(wholeMs, MS, Math.floor(fractionMs * MS), out);
    },
    monotonic: () => Math.floor(monotonicMs() * 1e6),
    cputime: cputimeNs,
    resolution(clockid) {
      if (clockid === Clockid.REALTIME) return realtimeStepNs;
      return clockid === Clockid.MONOTONIC ? 1 : 1000;
    },
  };
}

/** `performance.now`. */
export function performanceMs(): number {
  return performance.now();
}

/**
 * A time as two words of ns, without a bigint: `units` is split so that each product stays below 2^53.
 *
 * @param units Whole units since 1970, below 2^48.
 * @param unitNs ns of one: at most 10^9.
 * @param ns What comes on top.
 * @param out Two words, low half first.
 */
export function storeNs(units: number, unitNs: number, ns: number, out: Uint32Array): void {
  const highUnits = Math.floor(units / 65536);
  const high = highUnits * unitNs;
  const highWord = Math.floor(high / 65536);
  const low = (units - highUnits * 65536) * unitNs + ns + (high - highWord * 65536) * 65536;
  const carry = Math.floor(low / WORD);
  out[0] = low - carry * WORD;
  out[1] = highWord + carry;
}
