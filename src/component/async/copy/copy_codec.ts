/** Streams and futures as values: outside of guests, they are what their ends share. */

import type { Codec } from "../../abi/codec.ts";
import type { CallContext } from "../../abi/context.ts";
import type { FutureType, StreamType } from "../../types/value_type.ts";
import { addEnd, CopyEnd, takeReadable } from "./copy_end.ts";
import { SharedFuture, SharedStream } from "./shared_copy.ts";

/** `stream<T>` and `future<T>`: the readable end. */
export function copyCodec(type: StreamType | FutureType): Codec {
  const Shared = type.kind === "stream" ? SharedStream : SharedFuture;
  const take = (cx: CallContext, index: number): unknown => takeReadable(cx.instance, index, type);
  const give = (cx: CallContext, value: unknown): number => {
    if (!(value instanceof Shared)) throw new TypeError(`Expected a ${type.kind}, got another value`);
    return addEnd(cx.instance, new CopyEnd(value, "readable"));
  };
  return {
    type,
    load: (cx, at) => take(cx, cx.view.getUint32(at, true)),
    store: (cx, at, value) => cx.view.setUint32(at, give(cx, value), true),
    lift: (cx, flat, at) => take(cx, flat[at] as number),
    lower: (cx, value, out, at) => {
      out[at] = give(cx, value);
    },
  };
}
