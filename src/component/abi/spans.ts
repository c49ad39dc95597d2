/**
 * Strings and lists of numbers on their way from guest to guest: they stay in the memory of the one until they are copied
 * to that of the other.
 *
 * @module
 */

import { PRIMITIVES } from "../types/primitive.ts";
import type { ListType } from "../types/value_type.ts";
import type { Codec } from "./codec.ts";
import type { CallContext } from "./context.ts";
import type { ListValues } from "./list_codec.ts";
import { isNumberKind } from "./number_lists.ts";
import { checkString, isUtf16 } from "./strings.ts";

/** Up to this many bytes, a loop is faster than a call of the engine's decoder. */
const SHORT = 64;

/** Part of a guest's memory, which stays as it is until the call has been passed on. */
class Span {
  readonly source: CallContext;
  readonly pointer: number;
  /** Number of elements, or the length of a string as the canonical ABI counts it. */
  readonly length: number;
  /** Bytes. */
  readonly size: number;

  constructor(source: CallContext, pointer: number, length: number, size: number) {
    this.source = source;
    this.pointer = pointer;
    this.length = length;
    this.size = size;
  }

  /** Copy to another guest's memory, to where there is room for it. */
  copyTo(cx: CallContext, pointer: number): void {
    const { source } = this;
    source.refresh();
    cx.bytes.set(source.bytes.subarray(this.pointer, this.pointer + this.size), pointer);
  }

  /** The string as one of JavaScript. */
  text(): string {
    this.source.refresh();
    return this.source.loadString(this.pointer, this.length);
  }
}

/** Read a string, which must be encoded properly. */
function stringSpan(cx: CallContext, pointer: number, length: number): Span {
  const size = checkString(cx, pointer, length);
  const isPlain = cx.encoding === "utf8" ? isShortAscii(cx.bytes, pointer, size) : size === 0;
  // Decoding checks the encoding.
  if (!isPlain) cx.loadString(pointer, length);
  return new Span(cx, pointer, length, size);
}

function isShortAscii(bytes: Uint8Array, pointer: number, size: number): boolean {
  if (size > SHORT) return false;
  for (let i = pointer; i < pointer + size; i++) if ((bytes[i] as number) > 0x7f) return false;
  return true;
}

/** Allocate and write a string. @returns A pointer to it; its length is `cx.stringLength`. */
function storeSpan(cx: CallContext, span: Span): number {
  const { source, length, size } = span;
  // What is UTF-16 in `latin1+utf16` may be Latin-1 by now: that encoding is decided anew for each string.
  const isCopied = source.encoding === cx.encoding && (cx.encoding === "utf16" || !isUtf16(source, length));
  if (!isCopied) return cx.allocateString(span.text());
  const pointer = cx.realloc(cx.encoding === "utf8" ? 1 : 2, size);
  span.copyTo(cx, pointer);
  cx.stringLength = length;
  return pointer;
}

/** Codecs of spans. */
export const SPAN_CODECS: { readonly string: Codec } = {
  string: {
    type: PRIMITIVES.string,
    load: (cx, at) => stringSpan(cx, cx.view.getUint32(at, true), cx.view.getUint32(at + 4, true)),
    store(cx, at, value) {
      const pointer = storeSpan(cx, value as Span);
      cx.view.setUint32(at, pointer, true);
      cx.view.setUint32(at + 4, cx.stringLength, true);
    },
    lift: (cx, flat, at) => stringSpan(cx, (flat[at] as number) >>> 0, (flat[at + 1] as number) >>> 0),
    lower(cx, value, out, at) {
      out[at] = storeSpan(cx, value as Span) | 0;
      out[at + 1] = cx.stringLength | 0;
    },
  },
};

/** Lists of numbers, of any length, as spans; undefined for other lists. */
export function spanListValues({ element, length }: ListType): ListValues | undefined {
  if (!isNumberKind(element.kind) || length !== undefined) return undefined;
  return {
    load: (cx, pointer, length) => new Span(cx, pointer, length, length * element.size),
    lengthOf: (value) => (value as Span).length,
    store: (cx, pointer, value) => (value as Span).copyTo(cx, pointer),
  };
}
