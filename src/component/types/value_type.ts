/**
 * Resolved types: no index is left to look up, and layout and flattening are computed.
 *
 * A type that is used twice is one object, so types form a graph without cycles. They are made by `make.ts`.
 *
 * Source: "Fundamental value types" and "Specialized value types" of the component model's explainer.
 *
 * @module
 */

import type { PrimitiveKind } from "../binary/primitive_kind.ts";
import type { ResourceIdentity } from "./resource_identity.ts";

/** Types of core parameters and results that values are flattened to. */
export type CoreType = "i32" | "i64" | "f32" | "f64";

/** Size and alignment in memory. */
export interface Layout {
  /** Bytes, a multiple of {@linkcode Layout.align}. */
  readonly size: number;
  /** 1, 2, 4 or 8. */
  readonly align: number;
}

/** What every type of values has. */
export interface TypeTraits extends Layout {
  /** The layout if pointers had 64 bits, which the specification's limit on sizes refers to. */
  readonly layout64: Layout;
  /** Core types of the flattened value; undefined if there are more than `MAX_FLAT`, which are never passed flat. */
  readonly flat: readonly CoreType[] | undefined;
  /** How deep types are nested in it: 1 if it has no elements. */
  readonly depth: number;
  /** True if it is a borrow or contains one. */
  readonly hasBorrow: boolean;
  /** True if it contains a string or a list, whose content is in memory even if the value is flat. */
  readonly hasPointer: boolean;
}

/** A type without elements. There is one object for each: see `primitive.ts`. */
export interface PrimitiveType extends TypeTraits {
  readonly kind: PrimitiveKind;
}

/** `list<T>`; `list<T, N>` if its length is fixed, which is not released yet. */
export interface ListType extends TypeTraits {
  readonly kind: "list";
  readonly element: ValueType;
  /** Number of elements, which then stand in place of pointer and length; undefined for a list of any length. */
  readonly length: number | undefined;
}

/** A field of a record. */
export interface Field {
  /** In kebab case. */
  readonly name: string;
  readonly type: ValueType;
  /** Bytes from the start of the record. */
  readonly offset: number;
}

/** A record with at least one field. */
export interface RecordType extends TypeTraits {
  readonly kind: "record";
  readonly fields: readonly Field[];
}

/** A tuple with at least one element. */
export interface TupleType extends TypeTraits {
  readonly kind: "tuple";
  readonly types: readonly ValueType[];
  /** Bytes from the start of the tuple to each element. */
  readonly offsets: readonly number[];
}

/** A case of a variant. */
export interface Case {
  /** In kebab case. */
  readonly name: string;
  /** Type of its payload; undefined if it has none. */
  readonly type: ValueType | undefined;
}

/** What all types with a discriminant and payloads have. */
export interface VariantTraits extends TypeTraits {
  /** The cases, in the order of their discriminants: for an option `none, some`, for a result `ok, error`. */
  readonly cases: readonly Case[];
  /** Bytes of the discriminant: 1, 2 or 4. */
  readonly discriminantSize: number;
  /** Bytes from the start of the variant to its payload. */
  readonly payloadOffset: number;
}

/** A variant with at least one case. */
export interface VariantType extends VariantTraits {
  readonly kind: "variant";
}

/** `option<T>`: a variant of `none` and `some(T)`. */
export interface OptionType extends VariantTraits {
  readonly kind: "option";
  readonly some: ValueType;
}

/** `result<T, E>`: a variant of `ok(T)` and `error(E)`. */
export interface ResultType extends VariantTraits {
  readonly kind: "result";
  readonly ok: ValueType | undefined;
  readonly error: ValueType | undefined;
}

/** An enum: a variant whose cases have no payload. Its size is that of the discriminant. */
export interface EnumType extends TypeTraits {
  readonly kind: "enum";
  /** In kebab case, in the order of their discriminants. */
  readonly labels: readonly string[];
}

/** Up to 32 flags; label `i` is bit `i`. */
export interface FlagsType extends TypeTraits {
  readonly kind: "flags";
  /** In kebab case. */
  readonly labels: readonly string[];
}

/** `map<K, V>`: a list of its entries. */
export interface MapType extends TypeTraits {
  readonly kind: "map";
  readonly key: ValueType;
  readonly value: ValueType;
  /** `tuple<K, V>`, the type of the list's elements. */
  readonly entry: TupleType;
}

/** `own<R>`: a handle that owns its resource. */
export interface OwnType extends TypeTraits {
  readonly kind: "own";
  readonly resource: ResourceIdentity;
}

/** `borrow<R>`: a handle that is valid for the duration of a call. */
export interface BorrowType extends TypeTraits {
  readonly kind: "borrow";
  readonly resource: ResourceIdentity;
}

/** `stream<T>`. */
export interface StreamType extends TypeTraits {
  readonly kind: "stream";
  /** Undefined for a stream of elements without content. */
  readonly element: ValueType | undefined;
}

/** `future<T>`. */
export interface FutureType extends TypeTraits {
  readonly kind: "future";
  /** Undefined for a future without content. */
  readonly element: ValueType | undefined;
}

/** Types of values. */
export type ValueType =
  | PrimitiveType
  | ListType
  | RecordType
  | TupleType
  | VariantType
  | OptionType
  | ResultType
  | EnumType
  | FlagsType
  | MapType
  | OwnType
  | BorrowType
  | StreamType
  | FutureType;
