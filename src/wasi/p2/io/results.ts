/** How the results of operations on streams lie in memory. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { ErrorOrigin } from "./io_error.ts";
import type { GuestIo } from "./guest_io.ts";

/** `result<_, stream-error>` and `result<list<u8>, stream-error>`. */
export const LIST_RESULT = { size: 12, align: 4 } as const;
/** `result<u64, stream-error>`. */
export const COUNT_RESULT = { size: 16, align: 8 } as const;

/** Offsets of the payload. */
const LIST_AT = 4;
const COUNT_AT = 8;

const OK = 0;
const ERR = 1;

/** What failed, for its errors. */
interface Failing {
  readonly origin: ErrorOrigin;
}

/**
 * Store a `result<_, stream-error>`.
 *
 * @param stream What the operation was on.
 * @param result 0 or more, or minus an errno.
 * @param at Where.
 */
export function storeUnit(io: GuestIo, cx: CallContext, stream: Failing, result: number, at: number): void {
  if (result >= 0) cx.bytes[at] = OK;
  else storeFailure(io, cx, stream, result, at);
}

/** Store the failure of a `result` whose payload is at an offset of 4. */
export function storeFailure(io: GuestIo, cx: CallContext, stream: Failing, failure: number, at: number): void {
  cx.bytes[at] = ERR;
  io.storeError(cx, at + LIST_AT, failure, stream.origin);
}

/** Store a successful `result<list<u8>, stream-error>`. */
export function storeList(cx: CallContext, pointer: number, length: number, at: number): void {
  cx.bytes[at] = OK;
  cx.view.setUint32(at + LIST_AT, pointer, true);
  cx.view.setUint32(at + LIST_AT + 4, length, true);
}

/**
 * Store a `result<u64, stream-error>`.
 *
 * @param stream What the operation was on.
 * @param count Below 2^53, or minus an errno.
 * @param at Where.
 */
export function storeCount(io: GuestIo, cx: CallContext, stream: Failing, count: number, at: number): void {
  if (count < 0) {
    cx.bytes[at] = ERR;
    io.storeError(cx, at + COUNT_AT, count, stream.origin);
    return;
  }
  cx.bytes[at] = OK;
  cx.view.setUint32(at + COUNT_AT, count, true);
  cx.view.setUint32(at + COUNT_AT + 4, Math.floor(count / 2 ** 32), true);
}
