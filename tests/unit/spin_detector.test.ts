import { describe, expect, test } from "vitest";
import { SpinDetector } from "../../src/core/io/spin_detector.ts";

/** Numbers of the yields that would park the guest, when yields are `gapNs` apart. */
function parks(gapNs: number, yields: number): number[] {
  const meter = new SpinDetector();
  return Array.from({ length: yields }, (_, i) => i).filter((i) => meter.spins(1e9 + i * gapNs));
}

describe("SpinDetector", () => {
  test("parks each 256 yields of a guest that does nothing else", () => {
    expect(parks(100, 1000)).toEqual([256, 512, 768]);
    expect(parks(19_999, 600)).toEqual([256, 512]);
    expect(parks(0, 300)).toEqual([256]);
  });

  test("leaves a guest alone that works in between", () => {
    expect(parks(20_000, 2000)).toEqual([]);
    expect(parks(1e6, 2000)).toEqual([]);
  });

  test("starts anew after work", () => {
    const meter = new SpinDetector();
    let now = 1e9;
    for (let i = 0; i < 255; i++) expect(meter.spins(now += 10)).toBe(false);
    expect(meter.spins(now += 50_000)).toBe(false);
    for (let i = 0; i < 255; i++) expect(meter.spins(now += 10)).toBe(false);
    expect(meter.spins(now + 10)).toBe(true);
  });
});
