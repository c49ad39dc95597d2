/** Types as text, and their equality. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { areValueTypesEqual } from "../../../src/component/types/compare/type_equality.ts";
import { Substitution } from "../../../src/component/types/compare/substitute.ts";
import type { FunctionType } from "../../../src/component/types/function_type.ts";
import {
  borrowType,
  enumType,
  fixedListType,
  flagsType,
  futureType,
  listType,
  mapType,
  optionType,
  ownType,
  recordType,
  resultType,
  streamType,
  tupleType,
  variantType,
} from "../../../src/component/types/make.ts";
import { PRIMITIVES } from "../../../src/component/types/primitive.ts";
import { functionTypeText, valueTypeText } from "../../../src/component/types/text.ts";
import type { ValueType } from "../../../src/component/types/value_type.ts";
import { valueType } from "./arbitrary_type.ts";

const { bool, string, u8, u32, u64 } = PRIMITIVES;
const error = { name: "error" };

const TEXTS: readonly (readonly [string, ValueType])[] = [
  ["list<u8>", listType(u8)],
  ["list<u8, 4>", fixedListType(u8, 4)],
  ["tuple<u8, string>", tupleType([u8, string])],
  ["option<list<string>>", optionType(listType(string))],
  ["result", resultType(undefined, undefined)],
  ["result<u64>", resultType(u64, undefined)],
  ["result<_, string>", resultType(undefined, string)],
  ["result<u64, string>", resultType(u64, string)],
  [
    "record{seconds: u64, nanoseconds: u32}",
    recordType([{ name: "seconds", type: u64 }, { name: "nanoseconds", type: u32 }]),
  ],
  ["enum{ipv4, ipv6}", enumType(["ipv4", "ipv6"])],
  ["flags{symlink-follow}", flagsType(["symlink-follow"])],
  [
    "variant{last-operation-failed(own<error>), closed}",
    variantType([{ name: "last-operation-failed", type: ownType(error) }, { name: "closed", type: undefined }]),
  ],
  ["borrow<error>", borrowType(error)],
  ["map<string, bool>", mapType(string, bool)],
  ["stream<u8>", streamType(u8)],
  ["stream", streamType(undefined)],
  ["future<result<_, string>>", futureType(resultType(undefined, string))],
];

describe("the text of a type", () => {
  test.each(TEXTS)("%s", (text, type) => {
    expect(valueTypeText(type)).toBe(text);
  });

  test("of a function names its parameters", () => {
    const type: FunctionType = {
      kind: "func",
      isAsync: false,
      params: [{ name: "self", type: borrowType({ name: "descriptor" }) }, { name: "length", type: u64 }],
      result: resultType(tupleType([listType(u8), bool]), enumType(["access"])),
    };
    expect(functionTypeText(type))
      .toBe("func(self: borrow<descriptor>, length: u64) -> result<tuple<list<u8>, bool>, enum{access}>");
    expect(functionTypeText({ ...type, isAsync: true, params: [], result: undefined })).toBe("async func()");
  });

  test("ends where it would be exponentially long", () => {
    let type: ValueType = u8;
    for (let i = 0; i < 90; i++) type = i % 2 === 0 ? tupleType([type, type]) : listType(type);
    const text = valueTypeText(type);
    expect(text).toHaveLength(16_385);
    expect(text.endsWith("…")).toBe(true);
  });
});

describe("equality", () => {
  test("of two types is that of their texts, if resources have different names", () => {
    fc.assert(fc.property(valueType, valueType, (a, b) => {
      expect(areValueTypesEqual(a, b)).toBe(valueTypeText(a) === valueTypeText(b));
      expect(areValueTypesEqual(a, a)).toBe(true);
    }));
  });

  test("is structural but for resources", () => {
    const made = (resource: { name: string }): ValueType => listType(optionType(ownType(resource)));
    expect(areValueTypesEqual(made(error), made(error))).toBe(true);
    expect(areValueTypesEqual(made(error), made({ name: "error" }))).toBe(false);
  });

  test("of types that share elements is not exponential", () => {
    const pairs = (): ValueType => {
      let type: ValueType = u8;
      for (let i = 0; i < 90; i++) type = i % 2 === 0 ? tupleType([type, type]) : listType(type);
      return type;
    };
    expect(areValueTypesEqual(pairs(), pairs())).toBe(true);
  });
});

test("a substitution replaces resources, and keeps what has none", () => {
  const replacement = { name: "replacement" };
  fc.assert(fc.property(valueType, (type) => {
    const found = valueTypeText(type);
    const substitution = new Substitution(new Map(), new Map(), () => {});
    expect(substitution.value(type)).toBe(type);
    expect(valueTypeText(type)).toBe(found);
  }));
  const substitution = new Substitution(new Map([[error, replacement]]), new Map(), () => {});
  const replaced = TEXTS.map(([, type]) => valueTypeText(substitution.value(type)));
  expect(replaced).toEqual(TEXTS.map(([text]) => text.replace("<error>", "<replacement>")));
});
