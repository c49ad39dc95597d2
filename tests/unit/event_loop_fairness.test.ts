/** When a busy guest must yield to the event loop. */

import { describe, expect, test } from "vitest";
import { EventLoopFairness, Found } from "../../src/core/io/event_loop_fairness.ts";

describe("EventLoopFairness", () => {
  test("a turn is due a millisecond after the start, or after the last one", () => {
    const meter = new EventLoopFairness(1_000_000);
    expect(meter.isOverdue(1_999_999)).toBe(false);
    expect(meter.isOverdue(2_000_000)).toBe(true);
    meter.turned(5_000_000);
    expect(meter.isOverdue(5_999_999)).toBe(false);
    expect(meter.isOverdue(6_000_000)).toBe(true);
  });

  test("the seventeenth empty answer in a row is one too many", () => {
    const meter = new EventLoopFairness(0);
    const answers = Array.from({ length: 17 }, (_, i) => meter.isStarving(i * 1000));
    expect(answers.filter(Boolean)).toHaveLength(1);
    expect(answers[16]).toBe(true);
  });

  test("empty answers with work between them are none in a row", () => {
    const meter = new EventLoopFairness(0);
    for (let i = 0; i < 40; i++) expect(meter.isStarving(i * 20_000)).toBe(false);
  });

  test("a turn starts the count anew", () => {
    const meter = new EventLoopFairness(0);
    for (let i = 0; i < 10; i++) meter.isStarving(i * 1000);
    meter.turned(10_000);
    for (let i = 0; i < 15; i++) expect(meter.isStarving(11_000 + i * 1000)).toBe(false);
    expect(meter.isStarving(26_000)).toBe(true);
  });

  test("a poll yields if only deadlines have expired, or if it is overdue", () => {
    const meter = new EventLoopFairness(0);
    expect([Found.NOTHING, Found.DEADLINES, Found.POLLABLES].map((found) => meter.mustYield(found, 999_999))).toEqual([
      false,
      true,
      false,
    ]);
    expect(meter.mustYield(Found.POLLABLES, 1_000_000)).toBe(true);
    expect(meter.mustYield(Found.NOTHING, 1_000_000)).toBe(false);
  });

  test("a guest that only yields spins", () => {
    const meter = new EventLoopFairness(0);
    const answers = Array.from({ length: 257 }, (_, i) => meter.isSpinning(1e9 + i * 100));
    expect(answers.indexOf(true)).toBe(256);
  });
});
