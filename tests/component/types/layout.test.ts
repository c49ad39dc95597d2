/** Layout and flattening are those of the specification's reference code. */

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CoreType, ValueType } from "../../../src/component/types/value_type.ts";
import { recordType, tupleType, variantType } from "../../../src/component/types/make.ts";
import { PRIMITIVES } from "../../../src/component/types/primitive.ts";
import { valueType } from "./arbitrary_type.ts";

/** Few, and more by WASIRUN_PROPERTY_RUNS. */
const RUNS = Number(process.env["WASIRUN_PROPERTY_RUNS"] ?? 300);

/** A type as the specification sees it: everything with cases is a variant, everything with fields a record. */
type Plain =
  | { readonly kind: "scalar"; readonly size: number; readonly core: CoreType }
  | { readonly kind: "pointer" }
  | { readonly kind: "record"; readonly fields: readonly Plain[] }
  | { readonly kind: "variant"; readonly cases: readonly (Plain | undefined)[] };

function plain(type: ValueType): Plain {
  switch (type.kind) {
    case "string":
    case "map":
      return { kind: "pointer" };
    case "list":
      if (type.length === undefined) return { kind: "pointer" };
      return { kind: "record", fields: Array.from({ length: type.length }, () => plain(type.element)) };
    case "record":
      return { kind: "record", fields: type.fields.map((field) => plain(field.type)) };
    case "tuple":
      return { kind: "record", fields: type.types.map(plain) };
    case "variant":
    case "option":
    case "result":
      return { kind: "variant", cases: type.cases.map((each) => each.type && plain(each.type)) };
    case "enum":
      return { kind: "variant", cases: type.labels.map(() => undefined) };
    case "flags":
      return scalar(type.labels.length <= 8 ? 1 : type.labels.length <= 16 ? 2 : 4);
    case "s64":
    case "u64":
      return { kind: "scalar", size: 8, core: "i64" };
    case "f64":
      return { kind: "scalar", size: 8, core: "f64" };
    case "f32":
      return { kind: "scalar", size: 4, core: "f32" };
    default:
      return scalar(/8|bool/.test(type.kind) ? 1 : /16/.test(type.kind) ? 2 : 4);
  }
}

function scalar(size: number): Plain {
  return { kind: "scalar", size, core: "i32" };
}

function alignTo(at: number, align: number): number {
  return Math.ceil(at / align) * align;
}

function discriminant(cases: readonly unknown[]): Plain {
  return scalar([1, 1, 2, 4][Math.ceil(Math.log2(cases.length) / 8)]!);
}

function alignment(type: Plain, pointer: number): number {
  switch (type.kind) {
    case "scalar":
      return type.size;
    case "pointer":
      return pointer;
    case "record":
      return Math.max(1, ...type.fields.map((field) => alignment(field, pointer)));
    case "variant":
      return Math.max(alignment(discriminant(type.cases), pointer), caseAlignment(type.cases, pointer));
  }
}

function caseAlignment(cases: readonly (Plain | undefined)[], pointer: number): number {
  return Math.max(1, ...cases.map((each) => each === undefined ? 1 : alignment(each, pointer)));
}

function elementSize(type: Plain, pointer: number): number {
  switch (type.kind) {
    case "scalar":
      return type.size;
    case "pointer":
      return 2 * pointer;
    case "record": {
      let size = 0;
      for (const field of type.fields) size = alignTo(size, alignment(field, pointer)) + elementSize(field, pointer);
      return alignTo(size, alignment(type, pointer));
    }
    case "variant": {
      const start = alignTo(elementSize(discriminant(type.cases), pointer), caseAlignment(type.cases, pointer));
      const sizes = type.cases.map((each) => each === undefined ? 0 : elementSize(each, pointer));
      return alignTo(start + Math.max(0, ...sizes), alignment(type, pointer));
    }
  }
}

function flatten(type: Plain): CoreType[] {
  switch (type.kind) {
    case "scalar":
      return [type.core];
    case "pointer":
      return ["i32", "i32"];
    case "record":
      return type.fields.flatMap(flatten);
    case "variant": {
      const flat: CoreType[] = [];
      for (const each of type.cases) {
        if (each === undefined) continue;
        flatten(each).forEach((core, i) => flat[i] = flat[i] === undefined ? core : join(flat[i], core));
      }
      return ["i32", ...flat];
    }
  }
}

function join(a: CoreType, b: CoreType): CoreType {
  if (a === b) return a;
  const pair = [a, b].sort().join(" ");
  return pair === "f32 i32" ? "i32" : "i64";
}

describe("any type", () => {
  test("has the size and alignment of the reference code, for pointers of 32 and 64 bits", () => {
    fc.assert(
      fc.property(valueType, (type) => {
        const spec = plain(type);
        expect({ size: type.size, align: type.align })
          .toEqual({ size: elementSize(spec, 4), align: alignment(spec, 4) });
        expect(type.layout64).toEqual({ size: elementSize(spec, 8), align: alignment(spec, 8) });
      }),
      { numRuns: RUNS },
    );
  });

  test("is flattened as by the reference code, unless there are more than 16", () => {
    fc.assert(
      fc.property(valueType, (type) => {
        const flat = flatten(plain(type));
        expect(type.flat).toEqual(flat.length > 16 ? undefined : flat);
      }),
      { numRuns: RUNS },
    );
  });
});

test("offsets of fields are multiples of their alignment", () => {
  const { u8, u64, u16, string } = PRIMITIVES;
  const record = recordType([{ name: "a", type: u8 }, { name: "b", type: u64 }, { name: "c", type: u16 }]);
  expect(record.fields.map(({ offset }) => offset)).toEqual([0, 8, 16]);
  expect(record.size).toBe(24);
  expect(tupleType([u16, string, u8]).offsets).toEqual([0, 4, 12]);
});

test("discriminants have one, two or four bytes", () => {
  const variant = (count: number) =>
    variantType(Array.from({ length: count }, (_, i) => ({ name: `c${i}`, type: undefined })));
  expect([1, 256, 257, 65_536, 65_537].map((count) => variant(count).discriminantSize)).toEqual([1, 1, 2, 2, 4]);
});
