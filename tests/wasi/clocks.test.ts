/** `wasi:clocks` and `wasi:random` on the platforms. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Platform } from "../../src/contract/platform.ts";
import { detectPlatform } from "../../src/platform/detect.ts";
import { memoryPlatform } from "../../src/platform/memory/platform.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { storeDatetime } from "../../src/wasi/p2/clocks/datetime.ts";
import { FakeComponent, fakeGuest } from "./fake_context.ts";

const MONOTONIC = "wasi:clocks/monotonic-clock@0.2";
const WALL = "wasi:clocks/wall-clock@0.2";
const SECOND = 1_000_000_000n;

const PLATFORMS: readonly (readonly [string, () => Platform])[] = [
  ["memory", () => memoryPlatform({ clock: "real", random: "crypto" })],
  ["posix", posix],
  ["the runtime's platform", () => detectPlatform()()],
];

describe.skipIf(process.platform === "win32").each(PLATFORMS)("on %s", (_name, make) => {
  test("the monotonic clock advances", () => {
    const platform = make();
    const component = new FakeComponent(fakeGuest(platform));
    const now = (): bigint => component.call(MONOTONIC, "now") as bigint;
    const times = [BigInt(Math.floor(platform.clock.monotonic())), now(), now()];
    expect(times).toEqual(times.toSorted((a, b) => a < b ? -1 : 1));
    expect(times[1]! - times[0]!).toBeLessThan(60n * SECOND);
    expect(component.call(MONOTONIC, "resolution")).toBeGreaterThan(0n);
  });

  test("the wall clock tells the time of day", () => {
    const component = new FakeComponent(fakeGuest(make()));
    const result = component.room(16);
    component.call(WALL, "now", result);
    const now = BigInt(Date.now());
    expect(Math.abs(Number(component.u64(result) - now / 1000n))).toBeLessThan(60);
    expect(component.u32(result + 8)).toBeLessThan(1e9);
    component.call(WALL, "resolution", result);
    expect(component.u64(result) * SECOND + BigInt(component.u32(result + 8))).toBeGreaterThan(0n);
    expect(() => component.call(WALL, "now", 4)).toThrow("unaligned");
  });

  test("random bytes fill what was asked for", () => {
    const component = new FakeComponent(fakeGuest(make()));
    const result = component.room(16);
    for (
      const [name, prefix] of [["wasi:random/random@0.2", ""], ["wasi:random/insecure@0.2", "insecure-"]] as const
    ) {
      const bytes = (length: bigint): Uint8Array => {
        component.call(name, `get-${prefix}random-bytes`, length, result);
        return component.list(result);
      };
      expect(bytes(0n)).toHaveLength(0);
      // More than one call of getRandomValues gives.
      const many = bytes(200_000n);
      expect(new Set(many).size).toBe(256);
      expect(new Set(many.subarray(199_000)).size).toBeGreaterThan(100);
      expect(() => bytes(2n ** 28n)).toThrow("cannot make 268435456 random bytes");
      expect(() => bytes(-1n)).toThrow("cannot make 18446744073709551615 random bytes");
      const next = (): unknown => component.call(name, `get-${prefix}random-u64`);
      expect(next()).not.toBe(next());
    }
    const seed = (): bigint[] => {
      component.call("wasi:random/insecure-seed@0.2", "insecure-seed", result);
      return [component.u64(result), component.u64(result + 8)];
    };
    const first = seed();
    expect(first[0]).not.toBe(first[1]);
    expect(seed()).toEqual(first);
  });
});

test("a guest is in UTC", () => {
  const component = new FakeComponent(fakeGuest(memoryPlatform()));
  const when = { seconds: 0n, nanoseconds: 0 };
  expect(component.value("wasi:clocks/timezone@0.2", "utc-offset", when)).toBe(0);
  expect(component.value("wasi:clocks/timezone@0.2", "display", when)).toMatchObject({ name: "UTC" });
});

test("times become seconds and nanoseconds without loss", () => {
  const component = new FakeComponent(fakeGuest(memoryPlatform()));
  const at = component.room(16);
  component.cx.refresh();
  const near = fc.bigInt(0n, 2n ** 64n / SECOND - 1n).chain((seconds) =>
    fc.constantFrom(0n, 1n, SECOND - 1n, SECOND / 2n).map((rest) => seconds * SECOND + rest)
  );
  fc.assert(fc.property(fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), near), (ns) => {
    storeDatetime(component.cx, at, Number(ns & 0xffff_ffffn), Number(ns >> 32n));
    expect([component.u64(at), BigInt(component.u32(at + 8))]).toEqual([ns / SECOND, ns % SECOND]);
  }));
});
