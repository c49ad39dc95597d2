import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guestMemory } from "./guest_memory.ts";

const text = fc.string({
  unit: fc.oneof(
    fc.integer({ min: 0, max: 0x7f }),
    fc.integer({ min: 0x80, max: 0xff }),
    fc.integer({ min: 0, max: 0xffff }),
    fc.constantFrom(0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfeff),
  ).map((unit) => String.fromCharCode(unit)),
  maxLength: 60,
});

describe.each(["utf8", "utf16", "latin1+utf16"] as const)("strings in %s", (encoding) => {
  test("keep everything but lone surrogates, which become U+FFFD", () => {
    const { cx } = guestMemory(encoding);
    fc.assert(fc.property(text, (value) => {
      const at = cx.realloc(4, 8);
      cx.storeString(at, value);
      const length = cx.view.getUint32(at + 4, true);
      expect(cx.loadString(cx.view.getInt32(at, true), length | 0)).toBe(value.toWellFormed());
    }));
  });

  test("of any length", () => {
    const { cx } = guestMemory(encoding);
    for (const length of [0, 1, 23, 24, 25, 4095, 4096, 4097, 70_000]) {
      for (const unit of ["a", "ü", "☃", "🦀"]) {
        const value = unit.repeat(length);
        expect(cx.loadString(cx.allocateString(value), cx.stringLength)).toBe(value);
      }
    }
  });
});

describe("encodings", () => {
  test("UTF-8 has the bytes that the platform's encoder writes", () => {
    const { cx } = guestMemory();
    fc.assert(fc.property(text, (value) => {
      const pointer = cx.allocateString(value);
      expect(cx.bytes.slice(pointer, pointer + cx.stringLength)).toEqual(new TextEncoder().encode(value));
    }));
  });

  test("latin1+utf16 is Latin-1 where that is possible, and tagged where it is not", () => {
    const { cx } = guestMemory("latin1+utf16");
    const latin = cx.allocateString("aÿ");
    expect([...cx.bytes.subarray(latin, latin + 2), cx.stringLength]).toEqual([0x61, 0xff, 2]);
    const wide = cx.allocateString("a☃");
    expect([...cx.bytes.subarray(wide, wide + 4), cx.stringLength]).toEqual([0x61, 0, 0x03, 0x26, 2 ** 31 + 2]);
  });

  test.each<["utf8" | "utf16" | "latin1+utf16", readonly number[], number, string]>([
    ["utf8", [0xff], 1, "invalid utf-8 sequence"],
    ["utf8", [0x61, 0xe2, 0x98], 3, "incomplete utf-8 byte sequence"],
    ["utf8", [0xed, 0xa0, 0x80], 3, "invalid utf-8 sequence"],
    ["utf16", [0x00, 0xd8], 1, "unpaired surrogate found in utf-16 string"],
    ["latin1+utf16", [0x00, 0xdc], 0x80000001, "unpaired surrogate found in utf-16 string"],
  ])("%s with the bytes %j traps", (encoding, bytes, length, message) => {
    const { cx } = guestMemory(encoding);
    cx.bytes.set(bytes, 64);
    expect(() => cx.loadString(64, length | 0)).toThrow(message);
  });

  test("UTF-16 that is not aligned traps", () => {
    expect(() => guestMemory("utf16").cx.loadString(1, 1)).toThrow("unaligned pointer");
    expect(() => guestMemory("latin1+utf16").cx.loadString(1, 1)).toThrow("unaligned pointer");
    expect(() => guestMemory("utf16").cx.loadString(65534, 2)).toThrow("string pointer/length out of bounds of memory");
  });

  test("a BOM is kept", () => {
    const { cx } = guestMemory();
    expect(cx.loadString(cx.allocateString("\ufeffa"), cx.stringLength)).toBe("\ufeffa");
  });
});
