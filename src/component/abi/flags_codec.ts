/** Flags. */

import type { FlagsType } from "../types/value_type.ts";
import type { Codec } from "./codec.ts";
import type { CallContext } from "./context.ts";
import { mismatch } from "./mismatch.ts";
import { camelCase } from "./names.ts";

/** Flags: objects of booleans with camelCase keys. A missing key is false. Unknown bits are ignored. */
export function flagsCodec(type: FlagsType): Codec {
  const { size } = type;
  const keys = type.labels.map(camelCase);
  const unpack = (bits: number): Record<string, boolean> => {
    const flags: Record<string, boolean> = {};
    for (let i = 0; i < keys.length; i++) flags[keys[i] as string] = (bits >>> i & 1) === 1;
    return flags;
  };
  const pack = (value: unknown): number => {
    if (typeof value !== "object" || value === null) return mismatch(value, type, "expected an object");
    let bits = 0;
    for (let i = 0; i < keys.length; i++) {
      if ((value as Record<string, unknown>)[keys[i] as string]) bits |= 1 << i;
    }
    return bits;
  };
  return {
    type,
    load: (cx, at) => unpack(loadUint(cx, at, size)),
    store: (cx, at, value) => storeUint(cx, at, size, pack(value)),
    lift: (_, flat, at) => unpack(flat[at] as number),
    lower: (_, value, out, at) => {
      out[at] = pack(value);
    },
  };
}

/** Read an unsigned integer of 1, 2 or 4 bytes. */
export function loadUint(cx: CallContext, at: number, size: number): number {
  if (size === 1) return cx.bytes[at] as number;
  return size === 2 ? cx.view.getUint16(at, true) : cx.view.getUint32(at, true);
}

/** Write an unsigned integer of 1, 2 or 4 bytes. */
export function storeUint(cx: CallContext, at: number, size: number, value: number): void {
  if (size === 1) cx.bytes[at] = value;
  else if (size === 2) cx.view.setUint16(at, value, true);
  else cx.view.setUint32(at, value, true);
}
