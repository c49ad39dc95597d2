/** Core values in the place of others: payloads of variants share core parameters. */

import type { CoreType } from "../types/value_type.ts";
import type { CoreValue } from "./codec.ts";

/** The zero of a core type. */
export function zeroOf(type: CoreType): CoreValue {
  return type === "i64" ? 0n : 0;
}

/** Eight bytes to reinterpret values in. */
export type Scratch = DataView;

/**
 * Put the bits of a value into a core value of another type, as "joined" flat types require.
 *
 * @param value The value.
 * @param own Its type.
 * @param joined i32 or i64, with room for it; or the type itself.
 * @param bits Overwritten.
 */
export function joinValue(value: CoreValue, own: CoreType, joined: CoreType, bits: Scratch): CoreValue {
  if (own === joined) return value;
  if (own === "f64") {
    bits.setFloat64(0, value as number);
    return bits.getBigInt64(0);
  }
  const word = own === "f32" ? bitsOfFloat(value as number, bits) : (value as number);
  return joined === "i32" ? word : BigInt(word >>> 0);
}

/** The inverse of {@linkcode joinValue}. Bits above the width of the value are ignored. */
export function splitValue(value: CoreValue, joined: CoreType, own: CoreType, bits: Scratch): CoreValue {
  if (own === joined) return value;
  if (own === "f64") {
    bits.setBigInt64(0, value as bigint);
    return bits.getFloat64(0);
  }
  const word = joined === "i32" ? (value as number) : Number(BigInt.asIntN(32, value as bigint));
  if (own === "i32") return word;
  bits.setInt32(0, word);
  return bits.getFloat32(0);
}

function bitsOfFloat(value: number, bits: Scratch): number {
  bits.setFloat32(0, value);
  return bits.getInt32(0);
}
