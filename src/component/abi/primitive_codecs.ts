/** Booleans, integers, floats and characters. */

import type { PrimitiveKind } from "../binary/primitive_kind.ts";
import { trap } from "../link/trap.ts";
import { PRIMITIVES } from "../types/primitive.ts";
import type { PrimitiveType } from "../types/value_type.ts";
import type { Codec, CoreValue } from "./codec.ts";
import type { CallContext } from "./context.ts";
import { mismatch } from "./mismatch.ts";

/** The kinds of this file. */
export type ScalarKind = Exclude<PrimitiveKind, "string" | "error-context">;

/** How one kind of scalar stands in memory and in a core value. */
interface Scalar<T> {
  readonly load: (cx: CallContext, pointer: number) => T;
  readonly store: (cx: CallContext, pointer: number, value: T) => void;
  readonly fromCore: (value: CoreValue) => T;
  readonly toCore: (value: T) => CoreValue;
  /** Convert a value of JavaScript. */
  readonly from: (value: unknown) => T;
}

function scalar<T>(kind: ScalarKind, { load, store, fromCore, toCore, from }: Scalar<T>): Codec {
  return {
    type: PRIMITIVES[kind],
    load,
    store: (cx, pointer, value) => store(cx, pointer, from(value)),
    lift: (_, flat, at) => fromCore(flat[at] as CoreValue),
    lower: (_, value, out, at) => {
      out[at] = toCore(from(value));
    },
  };
}

/** Numbers are reduced to the width of their type, as typed arrays do. */
function numberOf(type: PrimitiveType): (value: unknown) => number {
  return (value) => typeof value === "number" ? value : mismatch(value, type, "expected a number");
}

function bigintOf(type: PrimitiveType): (value: unknown) => bigint {
  return (value) => {
    if (typeof value === "bigint") return value;
    return Number.isInteger(value) ? BigInt(value as number) : mismatch(value, type, "expected a bigint");
  };
}

/** The code point of a character. */
function codePointOf(value: unknown): number {
  if (typeof value === "string" && value.length > 0 && value.length <= 2) {
    const code = value.codePointAt(0) as number;
    if (value.length === (code > 0xffff ? 2 : 1) && !isSurrogate(code)) return code;
  }
  return mismatch(value, PRIMITIVES.char, "expected one character");
}

function charOf(code: number): string {
  if (code >= 0x110000 || isSurrogate(code)) trap("invalid `char` bit pattern");
  return String.fromCodePoint(code);
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff;
}

const INTEGERS: readonly Codec[] = [
  scalar("u8", {
    load: (cx, at) => cx.bytes[at] as number,
    store: (cx, at, value) => {
      cx.bytes[at] = value;
    },
    fromCore: (value) => (value as number) & 0xff,
    toCore: (value) => value & 0xff,
    from: numberOf(PRIMITIVES.u8),
  }),
  scalar("s8", {
    load: (cx, at) => cx.view.getInt8(at),
    store: (cx, at, value) => cx.view.setInt8(at, value),
    fromCore: (value) => ((value as number) << 24) >> 24,
    toCore: (value) => (value << 24) >> 24,
    from: numberOf(PRIMITIVES.s8),
  }),
  scalar("u16", {
    load: (cx, at) => cx.view.getUint16(at, true),
    store: (cx, at, value) => cx.view.setUint16(at, value, true),
    fromCore: (value) => (value as number) & 0xffff,
    toCore: (value) => value & 0xffff,
    from: numberOf(PRIMITIVES.u16),
  }),
  scalar("s16", {
    load: (cx, at) => cx.view.getInt16(at, true),
    store: (cx, at, value) => cx.view.setInt16(at, value, true),
    fromCore: (value) => ((value as number) << 16) >> 16,
    toCore: (value) => (value << 16) >> 16,
    from: numberOf(PRIMITIVES.s16),
  }),
  scalar("u32", {
    load: (cx, at) => cx.view.getUint32(at, true),
    store: (cx, at, value) => cx.view.setUint32(at, value, true),
    fromCore: (value) => (value as number) >>> 0,
    toCore: (value) => value | 0,
    from: numberOf(PRIMITIVES.u32),
  }),
  scalar("s32", {
    load: (cx, at) => cx.view.getInt32(at, true),
    store: (cx, at, value) => cx.view.setInt32(at, value, true),
    fromCore: (value) => (value as number) | 0,
    toCore: (value) => value | 0,
    from: numberOf(PRIMITIVES.s32),
  }),
  scalar("u64", {
    load: (cx, at) => cx.view.getBigUint64(at, true),
    store: (cx, at, value) => cx.view.setBigUint64(at, value, true),
    fromCore: (value) => BigInt.asUintN(64, value as bigint),
    toCore: (value) => BigInt.asIntN(64, value),
    from: bigintOf(PRIMITIVES.u64),
  }),
  scalar("s64", {
    load: (cx, at) => cx.view.getBigInt64(at, true),
    store: (cx, at, value) => cx.view.setBigInt64(at, value, true),
    fromCore: (value) => value as bigint,
    toCore: (value) => BigInt.asIntN(64, value),
    from: bigintOf(PRIMITIVES.s64),
  }),
];

const OTHERS: readonly Codec[] = [
  scalar("bool", {
    load: (cx, at) => cx.bytes[at] !== 0,
    store: (cx, at, value) => {
      cx.bytes[at] = value ? 1 : 0;
    },
    fromCore: (value) => value !== 0,
    toCore: (value) => value ? 1 : 0,
    from: (value) => typeof value === "boolean" ? value : mismatch(value, PRIMITIVES.bool, "expected a boolean"),
  }),
  scalar("f32", {
    load: (cx, at) => cx.view.getFloat32(at, true),
    store: (cx, at, value) => cx.view.setFloat32(at, value, true),
    fromCore: (value) => value as number,
    toCore: (value) => value,
    from: numberOf(PRIMITIVES.f32),
  }),
  scalar("f64", {
    load: (cx, at) => cx.view.getFloat64(at, true),
    store: (cx, at, value) => cx.view.setFloat64(at, value, true),
    fromCore: (value) => value as number,
    toCore: (value) => value,
    from: numberOf(PRIMITIVES.f64),
  }),
  scalar("char", {
    load: (cx, at) => charOf(cx.view.getUint32(at, true)),
    store: (cx, at, value) => cx.view.setUint32(at, codePointOf(value), true),
    fromCore: (value) => charOf((value as number) >>> 0),
    toCore: codePointOf,
    from: (value) => value as string,
  }),
];

/** The codecs of scalars, which are the same for all guests. */
export const SCALAR_CODECS: ReadonlyMap<string, Codec> = new Map(
  [...INTEGERS, ...OTHERS].map((codec) => [codec.type.kind, codec]),
);
