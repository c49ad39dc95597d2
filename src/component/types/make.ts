/**
 * Makes types of values. Layout and flattening follow from those of the elements, so each costs as much as it has
 * elements, however deep they nest. Names, counts and sizes are checked by `resolve.ts`.
 *
 * @module
 */

import { flatRepeated, flatSequence, flatVariant } from "./flat.ts";
import { discriminantBytes, flagsBytes, sequenceLayout, variantLayout } from "./layout.ts";
import type { ResourceIdentity } from "./resource_identity.ts";
import type {
  BorrowType,
  Case,
  EnumType,
  FlagsType,
  FutureType,
  Layout,
  ListType,
  MapType,
  OptionType,
  OwnType,
  RecordType,
  ResultType,
  StreamType,
  TupleType,
  TypeTraits,
  ValueType,
  VariantTraits,
  VariantType,
} from "./value_type.ts";

/** `list<T>`. */
export function listType(element: ValueType): ListType {
  return { kind: "list", element, length: undefined, ...pointerTraits(element) };
}

/** `list<T, N>`. */
export function fixedListType(element: ValueType, length: number): ListType {
  return {
    kind: "list",
    element,
    length,
    size: element.size * length,
    align: element.align,
    layout64: { size: element.layout64.size * length, align: element.layout64.align },
    flat: flatRepeated(element.flat, length),
    ...nesting([element]),
  };
}

/** A record. */
export function recordType(fields: readonly { readonly name: string; readonly type: ValueType }[]): RecordType {
  const types = fields.map(({ type }) => type);
  const { offsets, size, align } = sequenceLayout(types);
  return {
    kind: "record",
    fields: fields.map(({ name, type }, i) => ({ name, type, offset: offsets[i] as number })),
    size,
    align,
    ...sequenceTraits(types),
  };
}

/** `tuple<…>`. */
export function tupleType(types: readonly ValueType[]): TupleType {
  const { offsets, size, align } = sequenceLayout(types);
  return { kind: "tuple", types, offsets, size, align, ...sequenceTraits(types) };
}

/** A variant. */
export function variantType(cases: readonly Case[]): VariantType {
  return { kind: "variant", ...variantTraits(cases) };
}

/** `option<T>`. */
export function optionType(some: ValueType): OptionType {
  return {
    kind: "option",
    some,
    ...variantTraits([{ name: "none", type: undefined }, { name: "some", type: some }]),
  };
}

/** `result<T, E>`. */
export function resultType(ok: ValueType | undefined, error: ValueType | undefined): ResultType {
  return {
    kind: "result",
    ok,
    error,
    ...variantTraits([{ name: "ok", type: ok }, { name: "error", type: error }]),
  };
}

/** An enum. */
export function enumType(labels: readonly string[]): EnumType {
  return { kind: "enum", labels, ...scalarTraits(discriminantBytes(labels.length)) };
}

/** Flags. */
export function flagsType(labels: readonly string[]): FlagsType {
  return { kind: "flags", labels, ...scalarTraits(flagsBytes(labels.length)) };
}

/** `map<K, V>`. */
export function mapType(key: ValueType, value: ValueType): MapType {
  const entry = tupleType([key, value]);
  return { kind: "map", key, value, entry, ...pointerTraits(entry) };
}

/** `own<R>`. */
export function ownType(resource: ResourceIdentity): OwnType {
  return { kind: "own", resource, ...scalarTraits(4) };
}

/** `borrow<R>`. */
export function borrowType(resource: ResourceIdentity): BorrowType {
  return { kind: "borrow", resource, ...scalarTraits(4), hasBorrow: true };
}

/** `stream<T>`. */
export function streamType(element: ValueType | undefined): StreamType {
  return { kind: "stream", element, ...endTraits(element) };
}

/** `future<T>`. */
export function futureType(element: ValueType | undefined): FutureType {
  return { kind: "future", element, ...endTraits(element) };
}

/** Of a type that is one i32. */
function scalarTraits(size: number): TypeTraits {
  const layout: Layout = { size, align: size };
  return { ...layout, layout64: layout, flat: ["i32"], depth: 1, hasBorrow: false, hasPointer: false };
}

/** Of a type that is pointer and length of its elements. */
function pointerTraits(element: ValueType): TypeTraits {
  return {
    size: 8,
    align: 4,
    layout64: { size: 16, align: 8 },
    flat: ["i32", "i32"],
    ...nesting([element]),
    hasPointer: true,
  };
}

/** Of a stream or a future, whose elements stay where they are until they are read. */
function endTraits(element: ValueType | undefined): TypeTraits {
  const { depth, hasBorrow } = nesting([element]);
  return { ...scalarTraits(4), depth, hasBorrow };
}

function sequenceTraits(types: readonly ValueType[]): Omit<TypeTraits, "size" | "align"> {
  const { size, align } = sequenceLayout(types.map(({ layout64 }) => layout64));
  return { layout64: { size, align }, flat: flatSequence(types), ...nesting(types) };
}

function variantTraits(cases: readonly Case[]): VariantTraits {
  const payloads = cases.map(({ type }) => type);
  const { size, align } = variantLayout(payloads.map((type) => type?.layout64));
  return {
    cases,
    ...variantLayout(payloads),
    layout64: { size, align },
    flat: flatVariant(payloads),
    ...nesting(payloads),
  };
}

function nesting(types: readonly (ValueType | undefined)[]): Pick<TypeTraits, "depth" | "hasBorrow" | "hasPointer"> {
  let depth = 0;
  let hasBorrow = false;
  let hasPointer = false;
  for (const type of types) {
    if (type === undefined) continue;
    depth = Math.max(depth, type.depth);
    hasBorrow ||= type.hasBorrow;
    hasPointer ||= type.hasPointer;
  }
  return { depth: depth + 1, hasBorrow, hasPointer };
}
