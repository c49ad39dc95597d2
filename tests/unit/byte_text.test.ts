/** Texts that stand for bytes which are not UTF-8. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesOfText, isByteText, lenientBytesOfText, textOfBytes } from "../../src/text/byte_text.ts";

const encoder = new TextEncoder();

/** Bytes that often are no UTF-8, or nearly so. */
const someBytes = fc.array(
  fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((byte) => [byte]),
    fc.string({ unit: "binary" }).map((text) => [...encoder.encode(text)]),
    fc.constantFrom([0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xf0, 0x9f, 0x98], [0xf4, 0x90, 0x80, 0x80]),
  ),
).map((parts) => Uint8Array.from(parts.flat()));

describe("the text of bytes", () => {
  test("stands for these bytes", () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        expect(bytesOfText(textOfBytes(bytes))).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test("is no other bytes' text", () => {
    fc.assert(
      fc.property(someBytes, someBytes, (one, other) => {
        expect(textOfBytes(one) === textOfBytes(other)).toBe(String(one) === String(other));
      }),
      { numRuns: 1000 },
    );
  });

  test("of UTF-8 is the text that it encodes", () => {
    for (const text of ["", "plain", "ü日本😀", "\ufeffbom", "\0", "\ufffd"]) {
      expect(textOfBytes(encoder.encode(text))).toBe(text);
      expect(bytesOfText(text)).toEqual(encoder.encode(text));
    }
  });

  test.each([
    ["a byte alone", [0x61, 0xff, 0x62], "a\udcffb"],
    ["a sequence that is cut", [0xe2, 0x82], "\udce2\udc82"],
    ["a surrogate", [0xed, 0xa0, 0x80], "\udced\udca0\udc80"],
    ["a slash in two bytes", [0xc0, 0xaf], "\udcc0\udcaf"],
    ["more than Unicode has", [0xf4, 0x90, 0x80, 0x80], "\udcf4\udc90\udc80\udc80"],
    ["a sequence that another one cuts", [0xf0, 0x9f, 0xc3, 0xa9], "\udcf0\udc9fé"],
  ])("has a surrogate for each byte of %s", (_, bytes, text) => {
    expect(textOfBytes(Uint8Array.from(bytes))).toBe(text);
    expect([...bytesOfText(text)!]).toEqual(bytes);
  });
});

describe("a text that stands for no bytes", () => {
  test.each([
    ["half a pair", "\ud83d"],
    ["a surrogate of ASCII, such as a slash", "a\udc2fb"],
    ["one above the bytes", "\udd00"],
    ["UTF-8 in surrogates, which has another text", "\udcc3\udca9"],
  ])("is %s", (_, text) => {
    expect(bytesOfText(text)).toBeUndefined();
    expect(isByteText(text)).toBe(false);
    expect(lenientBytesOfText(text)).toEqual(encoder.encode(text));
  });
});
