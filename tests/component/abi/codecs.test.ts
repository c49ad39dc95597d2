import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CoreValue } from "../../../src/component/abi/codec.ts";
import { Codecs } from "../../../src/component/abi/codecs.ts";
import type { StringEncoding } from "../../../src/component/abi/strings.ts";
import {
  enumType,
  flagsType,
  listType,
  optionType,
  recordType,
  resultType,
  tupleType,
  variantType,
} from "../../../src/component/types/make.ts";
import { PRIMITIVES } from "../../../src/component/types/primitive.ts";
import type { ValueType } from "../../../src/component/types/value_type.ts";
import { typedValue } from "./arbitrary_value.ts";
import { guestMemory, guestWithRealloc } from "./guest_memory.ts";

const ENCODINGS: readonly StringEncoding[] = ["utf8", "utf16", "latin1+utf16"];
const codecs = new Codecs();

describe.each(ENCODINGS)("values survive the way through a guest with strings in %s", (encoding) => {
  test("by memory", () => {
    const { cx } = guestMemory(encoding);
    fc.assert(fc.property(typedValue, ({ type, value }) => {
      const codec = codecs.of(type);
      const at = cx.realloc(type.align, type.size);
      codec.store(cx, at, value);
      expect(codec.load(cx, at)).toStrictEqual(value);
    }));
  });

  test("by core values", () => {
    const { cx } = guestMemory(encoding);
    fc.assert(fc.property(typedValue, ({ type, value }) => {
      fc.pre(type.flat !== undefined);
      const codec = codecs.of(type);
      const flat: CoreValue[] = [7];
      codec.lower(cx, value, flat, 1);
      expect(flat.length).toBe(1 + (type.flat as readonly unknown[]).length);
      expect(flat.slice(1).map((each) => typeof each)).toEqual(
        type.flat!.map((each) => each === "i64" ? "bigint" : "number"),
      );
      expect(codec.lift(cx, throughWasm(flat, type), 1)).toStrictEqual(value);
    }));
  });

  test.each(ENCODINGS)("from guest to guest, to strings in %s", (other) => {
    const source = guestMemory(encoding).cx;
    const target = guestMemory(other).cx;
    const spans = new Codecs({ areSpans: true });
    fc.assert(fc.property(typedValue, ({ type, value }) => {
      const from = source.realloc(type.align, type.size);
      codecs.of(type).store(source, from, value);
      const passed = spans.of(type).load(source, from);
      const to = target.realloc(type.align, type.size);
      spans.of(type).store(target, to, passed);
      expect(codecs.of(type).load(target, to)).toStrictEqual(value);
    }));
  });
});

/** What core parameters do to values: i32 is signed, f32 is rounded. */
function throughWasm(flat: readonly CoreValue[], type: ValueType): CoreValue[] {
  return flat.map((value, i) => {
    switch (i === 0 ? "i32" : type.flat?.[i - 1]) {
      case "i32":
        return (value as number) | 0;
      case "f32":
        return Math.fround(value as number);
      case "i64":
        return BigInt.asIntN(64, value as bigint);
      default:
        return value;
    }
  });
}

describe("what a guest passes is read leniently where the specification says so", () => {
  const lift = (type: ValueType, ...flat: CoreValue[]): unknown => codecs.of(type).lift(guestMemory().cx, flat, 0);

  test("integers are cut to their width, any non-zero bool is true", () => {
    expect(lift(PRIMITIVES.u8, 0x1ff)).toBe(255);
    expect(lift(PRIMITIVES.s8, 0x1ff)).toBe(-1);
    expect(lift(PRIMITIVES.u16, -1)).toBe(65535);
    expect(lift(PRIMITIVES.s16, 0x18000)).toBe(-32768);
    expect(lift(PRIMITIVES.u32, -1)).toBe(4294967295);
    expect(lift(PRIMITIVES.u64, -1n)).toBe(2n ** 64n - 1n);
    expect(lift(PRIMITIVES.bool, 256)).toBe(true);
  });

  test("unknown flags are ignored", () => {
    expect(lift(flagsType(["a", "b"]), -2)).toEqual({ a: false, b: true });
  });

  test("bits above a payload of a joined type are ignored", () => {
    const type = variantType([{ name: "a", type: PRIMITIVES.u64 }, { name: "b", type: PRIMITIVES.u32 }]);
    expect(lift(type, 1, 0x1_2345_6789n)).toEqual({ tag: "b", val: 0x2345_6789 });
  });
});

describe("what a guest passes that is not valid traps", () => {
  const types: readonly [string, ValueType, CoreValue[], string][] = [
    ["a surrogate", PRIMITIVES.char, [0xd800], "invalid `char` bit pattern"],
    ["a character above Unicode", PRIMITIVES.char, [0x110000], "invalid `char` bit pattern"],
    ["an enum's discriminant", enumType(["a", "b"]), [2], "invalid variant discriminant"],
    ["an option's discriminant", optionType(PRIMITIVES.u8), [2, 0], "invalid variant discriminant"],
    ["a negative discriminant", resultType(undefined, undefined), [-1], "invalid variant discriminant"],
    ["a list outside memory", listType(PRIMITIVES.u8), [65535, 2], "list pointer/length out of bounds of memory"],
    ["a list at the end of memory", listType(PRIMITIVES.u32), [-4, 1], "list pointer/length out of bounds of memory"],
    ["a list that is not aligned", listType(PRIMITIVES.u32), [2, 1], "unaligned pointer"],
    ["an empty list that is not aligned", listType(PRIMITIVES.u64), [4, 0], "unaligned pointer"],
    ["a string outside memory", PRIMITIVES.string, [65536, 1], "string pointer/length out of bounds of memory"],
    ["an endless string", PRIMITIVES.string, [0, -1], "string pointer/length out of bounds of memory"],
  ];
  test.each(types)("%s", (_, type, flat, message) => {
    const { cx } = guestMemory();
    expect(() => codecs.of(type).lift(cx, flat, 0)).toThrow(message);
    const spans = new Codecs({ areSpans: true });
    expect(() => spans.of(type).lift(cx, flat, 0)).toThrow(message);
  });

  test("lists above 2^28 - 1 bytes", () => {
    const memory = new WebAssembly.Memory({ initial: 4097 });
    const { instance } = guestMemory();
    const cx = new (guestMemory().cx.constructor as typeof import("../../../src/component/abi/context.ts").CallContext)(
      instance,
      { memory },
    );
    cx.enter();
    expect(() => codecs.of(listType(PRIMITIVES.u64)).lift(cx, [0, 2 ** 25], 0)).toThrow(/^list too long/);
    expect(() => codecs.of(PRIMITIVES.string).lift(cx, [0, 2 ** 28], 0)).toThrow(/^string too long/);
  });
});

describe("realloc is checked", () => {
  test.each([
    ["not aligned", 2, listType(PRIMITIVES.u32), [1], "realloc return: result not aligned"],
    ["outside memory", -4, listType(PRIMITIVES.u32), [1], "realloc return: beyond end of memory"],
    ["outside memory for no element", -4, listType(PRIMITIVES.u32), [], "realloc return: beyond end of memory"],
    ["at the very end", 65536 - 4, listType(PRIMITIVES.u32), [1, 2], "realloc return: beyond end of memory"],
  ])("%s", (_, pointer, type, value, message) => {
    const { cx } = guestWithRealloc(() => pointer);
    expect(() => codecs.of(type).lower(cx, value, [], 0)).toThrow(message);
  });

  test("it is called for empty strings and lists too", () => {
    const calls: number[][] = [];
    const { cx } = guestWithRealloc((...args) => {
      calls.push(args);
      return 8;
    });
    codecs.of(PRIMITIVES.string).lower(cx, "", [], 0);
    codecs.of(listType(PRIMITIVES.u64)).lower(cx, [], [], 0);
    expect(calls).toEqual([[0, 0, 1, 0], [0, 0, 8, 0]]);
  });

  test("the guest may not leave meanwhile", () => {
    const seen: boolean[] = [];
    const { cx, instance } = guestWithRealloc(() => {
      seen.push(instance.mayLeave);
      expect(() => cx.enter()).toThrow("cannot leave component instance");
      return 0;
    });
    codecs.of(PRIMITIVES.string).lower(cx, "a", [], 0);
    expect([...seen, instance.mayLeave]).toEqual([false, true]);
  });
});

describe("values that are not of the type", () => {
  const record = recordType([{ name: "a-b", type: PRIMITIVES.u8 }]);
  test.each<[ValueType, unknown, string]>([
    [PRIMITIVES.string, 5, "Cannot convert 5 to string: expected a string"],
    [PRIMITIVES.u8, "5", 'Cannot convert "5" to u8: expected a number'],
    [PRIMITIVES.u64, 1.5, "Cannot convert 1.5 to u64: expected a bigint"],
    [PRIMITIVES.bool, 1, "Cannot convert 1 to bool: expected a boolean"],
    [PRIMITIVES.char, "ab", 'Cannot convert "ab" to char: expected one character'],
    [PRIMITIVES.char, "\ud800", "Cannot convert "],
    [listType(PRIMITIVES.string), "ab", 'Cannot convert "ab" to list<string>: expected an array'],
    [listType(PRIMITIVES.u8), {}, "Cannot convert an object to list<u8>: expected a typed array or an array"],
    [tupleType([PRIMITIVES.u8]), [1, 2], "Cannot convert an array to tuple<u8>: expected an array of 1"],
    [record, null, "Cannot convert null to record{a-b: u8}: expected an object"],
    [record, {}, "Cannot convert undefined to u8: expected a number"],
    [enumType(["a", "b"]), "c", 'Cannot convert "c" to enum{a, b}: expected the label a, b'],
    [
      resultType(undefined, undefined),
      { tag: "error" },
      "Cannot convert an object to result: expected the tag ok, err",
    ],
    [flagsType(["a"]), undefined, "Cannot convert undefined to flags{a}: expected an object"],
  ])("%o: %o", (type, value, message) => {
    expect(() => codecs.of(type).lower(guestMemory().cx, value, [], 0)).toThrow(TypeError);
    expect(() => codecs.of(type).lower(guestMemory().cx, value, [], 0)).toThrow(message);
  });

  test("what is accepted beside the exact type", () => {
    const through = (type: ValueType, value: unknown): unknown => {
      const { cx } = guestMemory();
      const at = cx.realloc(type.align, type.size);
      codecs.of(type).store(cx, at, value);
      return codecs.of(type).load(cx, at);
    };
    expect(through(PRIMITIVES.u64, 5)).toBe(5n);
    expect(through(PRIMITIVES.u8, 257)).toBe(1);
    expect(through(listType(PRIMITIVES.u16), [1, 2])).toEqual(new Uint16Array([1, 2]));
    expect(through(listType(PRIMITIVES.u16), new Uint8Array([1]).subarray(0))).toEqual(new Uint16Array([1]));
    expect(through(optionType(PRIMITIVES.u8), null)).toBe(undefined);
    expect(through(flagsType(["a", "b"]), { b: true })).toEqual({ a: false, b: true });
    expect(through(listType(PRIMITIVES.u16), new Uint16Array([1, 2, 3]).subarray(1))).toEqual(new Uint16Array([2, 3]));
  });
});
