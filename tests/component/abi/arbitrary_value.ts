/**
 * Types with values of them, for property tests.
 *
 * @module
 */

import fc from "fast-check";
import {
  enumType,
  fixedListType,
  flagsType,
  listType,
  mapType,
  optionType,
  recordType,
  resultType,
  tupleType,
  variantType,
} from "../../../src/component/types/make.ts";
import { PRIMITIVES } from "../../../src/component/types/primitive.ts";
import type { ValueType } from "../../../src/component/types/value_type.ts";

/** A type, and what makes values of it. */
export interface TypedValues {
  readonly type: ValueType;
  readonly values: fc.Arbitrary<unknown>;
}

/** A type, and a value of it. */
export interface TypedValue {
  readonly type: ValueType;
  readonly value: unknown;
}

const int = (bits: number, isSigned: boolean): fc.Arbitrary<number> => {
  const min = isSigned ? -(2 ** (bits - 1)) : 0;
  return fc.integer({ min, max: min + 2 ** bits - 1 });
};
const text = fc.string({ unit: "binary", maxLength: 40 });

const SCALARS: readonly TypedValues[] = [
  { type: PRIMITIVES.bool, values: fc.boolean() },
  { type: PRIMITIVES.u8, values: int(8, false) },
  { type: PRIMITIVES.s8, values: int(8, true) },
  { type: PRIMITIVES.u16, values: int(16, false) },
  { type: PRIMITIVES.s16, values: int(16, true) },
  { type: PRIMITIVES.u32, values: int(32, false) },
  { type: PRIMITIVES.s32, values: int(32, true) },
  { type: PRIMITIVES.u64, values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { type: PRIMITIVES.s64, values: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }) },
  { type: PRIMITIVES.f32, values: fc.float() },
  { type: PRIMITIVES.f64, values: fc.double() },
  { type: PRIMITIVES.char, values: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
  { type: PRIMITIVES.string, values: text },
];

const TYPED_ARRAYS: readonly TypedValues[] = [
  { type: listType(PRIMITIVES.u8), values: fc.uint8Array() },
  { type: listType(PRIMITIVES.s8), values: fc.int8Array() },
  { type: listType(PRIMITIVES.u16), values: fc.uint16Array() },
  { type: listType(PRIMITIVES.s16), values: fc.int16Array() },
  { type: listType(PRIMITIVES.u32), values: fc.uint32Array() },
  { type: listType(PRIMITIVES.s32), values: fc.int32Array() },
  { type: listType(PRIMITIVES.u64), values: fc.bigUint64Array() },
  { type: listType(PRIMITIVES.s64), values: fc.bigInt64Array() },
  { type: listType(PRIMITIVES.f32), values: fc.float32Array() },
  { type: listType(PRIMITIVES.f64), values: fc.float64Array() },
];

const LABELS = ["a", "b-c", "d", "last-operation-failed", "e0", "f", "g", "h", "i", "j-k-l"];
const KEYS = ["a", "bC", "d", "lastOperationFailed", "e0", "f", "g", "h", "i", "jKL"];

const leaves: fc.Arbitrary<TypedValues> = fc.oneof(
  fc.constantFrom(...SCALARS),
  fc.constantFrom(...TYPED_ARRAYS),
  fc.integer({ min: 1, max: 10 }).map((count): TypedValues => ({
    type: enumType(LABELS.slice(0, count)),
    values: fc.constantFrom(...LABELS.slice(0, count)),
  })),
  fc.integer({ min: 1, max: 10 }).map((count): TypedValues => ({
    type: flagsType(LABELS.slice(0, count)),
    values: fc.record(Object.fromEntries(KEYS.slice(0, count).map((key) => [key, fc.boolean()])), {
      noNullPrototype: true,
    }),
  })),
);

function composite(inner: fc.Arbitrary<TypedValues>): fc.Arbitrary<TypedValues> {
  const some = fc.array(inner, { minLength: 1, maxLength: 8 });
  const optional = fc.option(inner, { nil: undefined });
  return fc.oneof(
    inner.filter(({ type }) => !("flat" in type && Object.hasOwn(PRIMITIVES, type.kind) && isNumber(type))).map((
      of,
    ) => ({
      type: listType(of.type),
      values: fc.array(of.values, { maxLength: 5 }),
    })),
    inner.filter(({ type }) => !isNumber(type)).map((of) => ({
      type: fixedListType(of.type, 2),
      values: fc.array(of.values, { minLength: 2, maxLength: 2 }),
    })),
    inner.map((of) => ({
      type: mapType(PRIMITIVES.string, of.type),
      values: fc.uniqueArray(fc.tuple(text, of.values), { maxLength: 4, selector: ([key]) => key })
        .map((entries) => new Map(entries)),
    })),
    some.map((fields) => ({
      type: recordType(fields.map(({ type }, i) => ({ name: LABELS[i] as string, type }))),
      values: fc.record(Object.fromEntries(fields.map(({ values }, i) => [KEYS[i] as string, values])), {
        noNullPrototype: true,
      }),
    })),
    some.map((elements) => ({
      type: tupleType(elements.map(({ type }) => type)),
      values: fc.tuple(...elements.map(({ values }) => values)),
    })),
    fc.array(optional, { minLength: 1, maxLength: 8 }).map(variantOf),
    inner.map(optionOf),
    fc.tuple(optional, optional).map(([ok, error]) => ({
      type: resultType(ok?.type, error?.type),
      values: fc.oneof(tagged("ok", ok), tagged("err", error)),
    })),
  );
}

function isNumber({ kind }: ValueType): boolean {
  return /^[usf]\d+$/.test(kind);
}

function variantOf(payloads: readonly (TypedValues | undefined)[]): TypedValues {
  const cases = payloads.map((payload, i) => ({ name: LABELS[i] as string, type: payload?.type }));
  return {
    type: variantType(cases),
    values: fc.oneof(...payloads.map((payload, i) => tagged(LABELS[i] as string, payload))),
  };
}

function optionOf({ type, values }: TypedValues): TypedValues {
  if (type.kind !== "option") return { type: optionType(type), values: fc.option(values, { nil: undefined }) };
  return { type: optionType(type), values: fc.oneof(fc.constant({ tag: "none" }), tagged("some", { type, values })) };
}

function tagged(tag: string, payload: TypedValues | undefined): fc.Arbitrary<unknown> {
  return payload === undefined ? fc.constant({ tag }) : payload.values.map((val) => ({ tag, val }));
}

/** Types of any kind without handles, nested up to four deep, with a value. */
export const typedValue: fc.Arbitrary<TypedValue> = composite(
  fc.oneof(leaves, composite(fc.oneof({ weight: 3, arbitrary: leaves }, { weight: 1, arbitrary: composite(leaves) }))),
).chain(({ type, values }) => values.map((value) => ({ type, value })));
