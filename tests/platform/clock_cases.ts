/** Clocks and random bytes. */

import { expect } from "vitest";
import { Errno } from "../../src/witx/errno.ts";
import { Clockid } from "../../src/witx/types.ts";
import { type Cases, fails, ok, passTime } from "./under_test.ts";

function realtime(clock: { realtime(out: Uint32Array): void }): bigint {
  const words = new Uint32Array(2);
  clock.realtime(words);
  return (BigInt(words[1]!) << 32n) | BigInt(words[0]!);
}

/** The beginning of 2020 and of 2200, in ns. */
const EARLIEST = 1_577_836_800_000_000_000n;
const LATEST = 7_258_118_400_000_000_000n;

export const CLOCK_CASES: Cases = {
  "monotonic never goes back, is whole and below 2^53": ({ platform }) => {
    let last = 0;
    for (let i = 0; i < 10_000; i++) {
      const now = platform.clock.monotonic();
      expect(now >= last && Number.isSafeInteger(now)).toBe(true);
      last = now;
    }
  },

  "monotonic goes on": async (test) => {
    const { clock } = test.platform;
    const before = clock.monotonic();
    await passTime(test);
    const passedNs = clock.monotonic() - before;
    expect(passedNs).toBeGreaterThan(0);
    expect(passedNs).toBeLessThan(60e9);
  },

  "realtime is of our time": ({ platform }) => {
    const now = realtime(platform.clock);
    expect(now >= EARLIEST && now < LATEST).toBe(true);
  },

  "realtime and monotonic go on alike": async (test) => {
    const { clock } = test.platform;
    const before = [realtime(clock), clock.monotonic()] as const;
    await passTime(test);
    const byRealtime = Number(realtime(clock) - before[0]);
    const byMonotonic = clock.monotonic() - before[1];
    expect(Math.abs(byRealtime - byMonotonic)).toBeLessThan(1e9);
    expect(byRealtime).toBeGreaterThan(0);
  },

  "every clock that there is has a resolution of at least 1 ns and at most 1 s": ({ platform }) => {
    for (const id of Object.values(Clockid)) {
      const ns = platform.clock.resolution(id);
      expect(ns >= 1 && ns <= 1e9 && Number.isInteger(ns)).toBe(true);
    }
  },

  "processor time grows, or there is none": ({ platform, features }) => {
    if (!features.cputime) return fails(platform.clock.cputime(), Errno.NOTSUP);
    const before = ok(platform.clock.cputime());
    const end = performance.now() + 50;
    while (performance.now() < end);
    expect(ok(platform.clock.cputime())).toBeGreaterThan(before);
  },
};

export const RANDOM_CASES: Cases = {
  "fill exactly the range that is asked for": ({ platform }) => {
    for (const [start, length] of [[0, 0], [1, 1], [3, 16], [5, 4096], [7, 65_536], [2, 200_001]] as const) {
      const before = new Uint8Array(start + length + 8).fill(0xee);
      const after = before.slice();
      platform.random.fill(after, start, length);
      expect(after.subarray(0, start)).toEqual(before.subarray(0, start));
      expect(after.subarray(start + length)).toEqual(before.subarray(start + length));
    }
  },

  "reach the last byte of the range": ({ platform }) => {
    for (const length of [1, 3, 16, 1000, 5000, 65_537]) {
      const seen = new Set<number>();
      const bytes = new Uint8Array(length);
      for (let i = 0; i < 40; i++) {
        platform.random.fill(bytes, 0, length);
        seen.add(bytes[length - 1]!);
      }
      expect(seen.size).toBeGreaterThan(10);
    }
  },

  "take every value about equally often": ({ platform }) => {
    const bytes = new Uint8Array(256 * 1000);
    platform.random.fill(bytes, 0, bytes.length);
    const counts = new Uint32Array(256);
    for (const byte of bytes) counts[byte]!++;
    // 1000 each; nine standard deviations of it are 285.
    expect(counts.every((count) => count > 715 && count < 1285)).toBe(true);
  },

  "differ from call to call": ({ platform }) => {
    const bytes = new Uint8Array(32);
    platform.random.fill(bytes, 0, 16);
    platform.random.fill(bytes, 16, 16);
    expect(bytes.subarray(0, 16)).not.toEqual(bytes.subarray(16));
  },

  "fill shared memory too": ({ platform }) => {
    const bytes = new Uint8Array(new SharedArrayBuffer(64));
    platform.random.fill(bytes, 8, 48);
    expect(bytes.subarray(8, 56).some((byte) => byte !== 0)).toBe(true);
    expect([...bytes.subarray(0, 8), ...bytes.subarray(56)].every((byte) => byte === 0)).toBe(true);
  },
};
