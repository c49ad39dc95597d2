/** WAVE: values of components as text. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readArguments, readNumbers, splitCall } from "../../src/component/wave/wave_call.ts";
import { WaveReader } from "../../src/component/wave/wave_reader.ts";
import { waveText } from "../../src/component/wave/wave_text.ts";
import { readWave } from "../../src/component/wave/wave_value.ts";
import {
  enumType,
  flagsType,
  listType,
  mapType,
  optionType,
  recordType,
  resultType,
  tupleType,
  variantType,
} from "../../src/component/types/make.ts";
import { PRIMITIVES } from "../../src/component/types/primitive.ts";
import type { ValueType } from "../../src/component/types/value_type.ts";
import { typedValue } from "./abi/arbitrary_value.ts";

const { bool, u8, s8, u64, s64, f32, f64, char, string } = PRIMITIVES;
const POINT = recordType([{ name: "x", type: u8 }, { name: "y-axis", type: optionType(string) }]);
const SHAPE = variantType([{ name: "circle", type: f64 }, { name: "none", type: undefined }]);

function read(text: string, type: ValueType): unknown {
  const reader = new WaveReader(text);
  const value = readWave(reader, type);
  reader.end();
  return value;
}

describe("a value", () => {
  test.each<[string, ValueType, unknown]>([
    ["true", bool, true],
    ["255", u8, 255],
    ["-128", s8, -128],
    ["18446744073709551615", u64, 18446744073709551615n],
    ["-9223372036854775808", s64, -9223372036854775808n],
    ["1.5e3", f64, 1500],
    ["-inf", f32, -Infinity],
    ["nan", f32, NaN],
    ["-0", f64, -0],
    [`'\\''`, char, "'"],
    [`'☃'`, char, "☃"],
    [`"a\\tb\\u{1F600}\\"'"`, string, `a\tb😀"'`],
    [`"""\n  one\n   two \\n\n  """`, string, "one\n two \n"],
    ["[1, 2, 255]", listType(u8), Uint8Array.of(1, 2, 255)],
    ["[ ]", listType(string), []],
    [`["a", "b",]`, listType(string), ["a", "b"]],
    [`("a", 1)`, tupleType([string, u8]), ["a", 1]],
    [`{"a": 1, "b": 2}`, mapType(string, u8), new Map([["a", 1], ["b", 2]])],
    ["{:}", mapType(string, u8), new Map()],
    [`{y-axis: "up", x: 1}`, POINT, { x: 1, yAxis: "up" }],
    [`{x: 1} // the rest`, POINT, { x: 1, yAxis: undefined }],
    ["circle(2)", SHAPE, { tag: "circle", val: 2 }],
    ["%none", SHAPE, { tag: "none" }],
    ["dark-green", enumType(["red", "dark-green"]), "dark-green"],
    ["{write-all, read}", flagsType(["read", "write-all"]), { read: true, writeAll: true }],
    ["none", optionType(u8), undefined],
    ["some(1)", optionType(u8), 1],
    ["1", optionType(u8), 1],
    ["some(none)", optionType(optionType(u8)), { tag: "some", val: undefined }],
    ["none", optionType(optionType(u8)), { tag: "none" }],
    ["ok", resultType(undefined, string), { tag: "ok" }],
    [`err("no")`, resultType(u8, string), { tag: "err", val: "no" }],
    ["7", resultType(u8, string), { tag: "ok", val: 7 }],
  ])("%s", (text, type, value) => {
    expect(read(text, type)).toEqual(value);
  });

  test.each<[string, ValueType, RegExp]>([
    ["256", u8, /^256 is out of the range of u8 \(at character 4\)$/],
    ["1.5", u8, /^1\.5 is no u8/],
    ["maybe", bool, /^expected true or false/],
    ["''", char, /^expected a character between/],
    ["'ab'", char, /^expected ', found "b'"/],
    [`"open`, string, /^expected ", found the end/],
    [`"\\q"`, string, /^unknown escape \\q/],
    [`"\\u{d800}"`, string, /is no character/],
    ["[1, 2", listType(u8), /^expected \], found the end/],
    ["{x: 1, z: 2}", POINT, /^there is no field z/],
    ["{x: 1, x: 2}", POINT, /^the field x is there twice/],
    [`{y-axis: "a"}`, POINT, /^the field x is missing/],
    ["none", SHAPE, /^expected one of circle, %none/],
    ["green", enumType(["red"]), /^expected one of red/],
    ["{run}", flagsType(["read"]), /^there is no flag run: choose of read/],
    ["(1)", tupleType([u8, u8]), /^expected 2 elements, found 1/],
    ["(1, 2, 3)", tupleType([u8, u8]), /^expected \) after 2 elements/],
    ["1 2", u8, /^expected nothing more, found "2"/],
  ])("%s is refused", (text, type, message) => {
    expect(() => read(text, type)).toThrow(message);
  });

  test("of any type is read as it was written", () => {
    fc.assert(fc.property(typedValue, ({ type, value }) => {
      const text = waveText(type, value);
      expect(waveText(type, read(text, type))).toBe(text);
    }));
  });

  test("is any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(read(waveText(string, text), string)).toBe(text);
    }));
  });

  test("has no control characters, and floats are as short as can be", () => {
    expect(waveText(string, "\x1b[31m\u202e\n")).toBe(`"\\u{1b}[31m\\u{202e}\\n"`);
    expect(waveText(f32, Math.fround(0.1))).toBe("0.1");
    expect(waveText(f64, 0.1 + 0.2)).toBe("0.30000000000000004");
    expect(waveText(f64, -0)).toBe("-0");
  });
});

describe("a call", () => {
  const params = [{ name: "a", type: u8 }, { name: "b", type: optionType(string) }];

  test("has a name and arguments", () => {
    expect(splitCall("my:pkg/api#f(1)")).toEqual({ name: "my:pkg/api#f", argumentsText: "(1)" });
    expect(splitCall("f")).toEqual({ name: "f", argumentsText: undefined });
    expect(readArguments(`(1, "a")`, { params })).toEqual([1, "a"]);
    expect(readArguments("(1)", { params })).toEqual([1, undefined]);
  });

  test.each([
    ["()", /^the argument a is missing/],
    [`(1, "a", 2)`, /^the function takes 2 arguments/],
    ["(1", /^expected \)/],
    ["(1) x", /^expected nothing more/],
  ])("with the arguments %s is refused", (text, message) => {
    expect(() => readArguments(text, { params })).toThrow(message);
  });

  test("of a module takes numbers, signed or unsigned", () => {
    const types = ["i32", "i32", "i64", "f64"];
    expect(readNumbers("(4294967295, -1, 18446744073709551615, inf)", types)).toEqual([-1, -1, -1n, Infinity]);
    expect(() => readNumbers("(4294967296)", ["i32"])).toThrow(/4294967296 is out of the range of i32/);
    expect(() => readNumbers("(1)", ["externref"])).toThrow(/type externref can't be written/);
    expect(() => readNumbers("()", ["i32"])).toThrow(/takes 1 argument, not 0/);
  });
});
