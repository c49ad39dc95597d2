/** Strings. */

import { PRIMITIVES } from "../types/primitive.ts";
import type { Codec } from "./codec.ts";
import { mismatch } from "./mismatch.ts";

function textOf(value: unknown): string {
  return typeof value === "string" ? value : mismatch(value, PRIMITIVES.string, "expected a string");
}

/** Strings of JavaScript. */
export const STRING_CODEC: Codec = {
  type: PRIMITIVES.string,
  load: (cx, at) => cx.loadString(cx.view.getUint32(at, true), cx.view.getUint32(at + 4, true)),
  store: (cx, at, value) => cx.storeString(at, textOf(value)),
  lift: (cx, flat, at) => cx.loadString(flat[at] as number, flat[at + 1] as number),
  lower: (cx, value, out, at) => {
    out[at] = cx.allocateString(textOf(value)) | 0;
    out[at + 1] = cx.stringLength | 0;
  },
};
