import { describe, expect, test } from "vitest";
import { Slab } from "../../src/platform/shared/slab.ts";

describe("copies that share memory", () => {
  test("hold their own bytes, whatever is copied or written later", () => {
    const source = new Uint8Array(40_000).map((_, i) => i % 251);
    const slab = new Slab();
    const sizes = Array.from({ length: 200 }, (_, i) => (i * 37) % 3_000);
    const copies = sizes.map((size) => slab.copy(source, size, 2 * size));
    copies[50]!.fill(255);
    const expected = sizes.map((size) => source.slice(size, 2 * size));
    expected[50]!.fill(255);
    expect(copies).toEqual(expected);
  });

  test("of many bytes have memory of their own", () => {
    expect(new Slab().copy(new Uint8Array(5_000), 1_000, 4_000).buffer.byteLength).toBe(3_000);
  });

  test("may be empty", () => {
    expect(new Slab().copy(new Uint8Array(8), 3, 3).length).toBe(0);
  });
});
