import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joinTime, TimeParts } from "../../src/core/fs/time_parts.ts";

const U64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

describe("TimeParts", () => {
  test("divides as bigints do", () => {
    const parts = new TimeParts();
    fc.assert(
      fc.property(U64, (ns) => {
        parts.split(ns);
        expect([BigInt(parts.seconds), BigInt(parts.nanoseconds)]).toEqual([ns / 1_000_000_000n, ns % 1_000_000_000n]);
      }),
      { numRuns: 2000 },
    );
  });

  test("is exact at the edges", () => {
    const parts = new TimeParts();
    for (const edge of [0n, 1n, 999_999_999n, 10n ** 9n, 2n ** 32n, 2n ** 48n, 2n ** 53n, 2n ** 63n, 2n ** 64n]) {
      for (const ns of [edge - 1n, edge, edge + 1n]) {
        if (ns < 0n || ns >= 2n ** 64n) continue;
        parts.split(ns);
        expect(joinTime(BigInt(parts.seconds), parts.nanoseconds)).toBe(ns);
      }
    }
  });
});

test("nanoseconds of a second or more carry over", () => {
  expect(joinTime(1n, 4_294_967_295)).toBe(5_294_967_295n);
});
