/** Variants, options, results and enums. */

import { trap } from "../link/trap.ts";
import type { CoreType } from "../types/value_type.ts";
import type { Codec, CoreValue } from "./codec.ts";
import type { CallContext } from "./context.ts";
import { joinValue, splitValue, zeroOf } from "./core_values.ts";
import { loadUint, storeUint } from "./flags_codec.ts";
import { caseValues, type DiscriminatedType } from "./variant_values.ts";

/**
 * Types with a discriminant.
 *
 * @param payloads Codecs of the payloads; undefined for cases without one.
 */
export function variantCodec(type: DiscriminatedType, payloads: readonly (Codec | undefined)[]): Codec {
  const values = caseValues(type);
  const { discriminantSize, payloadOffset } = type.kind === "enum" ? enumLayout(type.size) : type;
  const lifts = flatCases(type.flat, payloads);
  const { length } = payloads;
  return {
    type,
    load(cx, pointer) {
      const index = loadUint(cx, pointer, discriminantSize);
      if (index >= length) invalidDiscriminant();
      return values.make(index, payloads[index]?.load(cx, pointer + payloadOffset));
    },
    store(cx, pointer, value) {
      const index = values.caseOf(value);
      storeUint(cx, pointer, discriminantSize, index);
      payloads[index]?.store(cx, pointer + payloadOffset, values.payloadOf(value));
    },
    lift(cx, flat, at) {
      const index = (flat[at] as number) >>> 0;
      if (index >= length) invalidDiscriminant();
      return values.make(index, (lifts[index] as FlatCase).lift(cx, flat, at + 1));
    },
    lower(cx, value, out, at) {
      const index = values.caseOf(value);
      out[at] = index;
      (lifts[index] as FlatCase).lower(cx, values.payloadOf(value), out, at + 1);
    },
  };
}

function enumLayout(size: number): { readonly discriminantSize: number; readonly payloadOffset: number } {
  return { discriminantSize: size, payloadOffset: 0 };
}

function invalidDiscriminant(): never {
  return trap("invalid variant discriminant");
}

/** The flat payload of one case, in the place that all cases share. */
type FlatCase = Pick<Codec, "lift" | "lower">;

/** @param flat Core types of the variant; undefined if it is never passed flat. */
function flatCases(flat: readonly CoreType[] | undefined, payloads: readonly (Codec | undefined)[]): FlatCase[] {
  const joined = flat?.slice(1) ?? [];
  return payloads.map((codec) => {
    const own = codec?.type.flat ?? [];
    const padding = joined.slice(own.length).map(zeroOf);
    if (codec === undefined) return { lift: () => undefined, lower: (_, __, out, at) => pad(out, at, padding) };
    if (own.every((type, i) => type === joined[i])) return plainCase(codec, own.length, padding);
    return joinedCase(codec, joined, own, padding);
  });
}

function pad(out: CoreValue[], at: number, padding: readonly CoreValue[]): void {
  for (let i = 0; i < padding.length; i++) out[at + i] = padding[i] as CoreValue;
}

/** A payload whose core types are those of the variant. */
function plainCase(codec: Codec, length: number, padding: readonly CoreValue[]): FlatCase {
  return {
    lift: codec.lift,
    lower(cx, value, out, at) {
      codec.lower(cx, value, out, at);
      pad(out, at + length, padding);
    },
  };
}

/** A payload whose bits are passed in other core types. */
function joinedCase(
  codec: Codec,
  joined: readonly CoreType[],
  own: readonly CoreType[],
  padding: readonly CoreValue[],
): FlatCase {
  const { length } = own;
  return {
    lift(cx: CallContext, flat, at) {
      const values = own.map((type, i) =>
        splitValue(flat[at + i] as CoreValue, joined[i] as CoreType, type, cx.scratch)
      );
      return codec.lift(cx, values, 0);
    },
    lower(cx, value, out, at) {
      codec.lower(cx, value, out, at);
      for (let i = 0; i < length; i++) {
        out[at + i] = joinValue(out[at + i] as CoreValue, own[i] as CoreType, joined[i] as CoreType, cx.scratch);
      }
      pad(out, at + length, padding);
    },
  };
}
