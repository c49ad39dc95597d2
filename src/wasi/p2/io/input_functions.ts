/** The functions of `input-stream`. */

import type { CallContext } from "../../../component/abi/context.ts";
import { DONE, type HostFunction } from "../../../component/link/function.ts";
import { Errno } from "../../../witx/errno.ts";
import { type GuestIo, MAX_READ, STREAM_ERROR } from "./guest_io.ts";
import type { InputStream } from "./input_stream.ts";
import { COUNT_RESULT, LIST_RESULT, storeCount, storeFailure, storeList } from "./results.ts";

/** Whether a call waits until it has something to answer. */
type Kind = "blocking" | "non-blocking";

/** Larger reads go into place where they can, which takes a question of its own. */
const LARGE = 4096;

/** Functions by their names. */
export function inputFunctions(io: GuestIo): Record<string, HostFunction> {
  return {
    "[method]input-stream.read": read(io, "non-blocking"),
    "[method]input-stream.blocking-read": read(io, "blocking"),
    "[method]input-stream.skip": skip(io, "non-blocking"),
    "[method]input-stream.blocking-skip": skip(io, "blocking"),
    "[method]input-stream.subscribe": {
      type: "func(self: borrow<input-stream>) -> own<pollable>",
      lower: (cx) => (self: number): number => {
        cx.enter();
        return io.subscribe(cx, cx.handle(self, io.inputStream));
      },
    },
  };
}

function read(io: GuestIo, kind: Kind): HostFunction {
  return {
    type: `func(self: borrow<input-stream>, len: u64) -> result<list<u8>, ${STREAM_ERROR}>`,
    attempt: (cx) => (self: number, length: bigint, result: number): 0 | 1 => {
      cx.enter();
      const at = result >>> 0;
      cx.checkSpan(at, LIST_RESULT.size, LIST_RESULT.align);
      const stream = cx.handle(self, io.inputStream);
      const wanted = bounded(length, MAX_READ);
      if (wanted > LARGE && readInPlace(io, cx, stream, wanted, at)) return DONE;
      const count = stream.read(io.scratch, 0, wanted);
      if (isNothing(io, stream, count, kind) && wait(io, cx, stream, kind) !== DONE) return 1;
      if (count < 0 && count !== -Errno.AGAIN) storeFailure(io, cx, stream, count, at);
      else storeCopy(io, cx, Math.max(count, 0), at);
      return DONE;
    },
  };
}

function skip(io: GuestIo, kind: Kind): HostFunction {
  return {
    type: `func(self: borrow<input-stream>, len: u64) -> result<u64, ${STREAM_ERROR}>`,
    attempt: (cx) => (self: number, length: bigint, result: number): 0 | 1 => {
      cx.enter();
      const at = result >>> 0;
      cx.checkSpan(at, COUNT_RESULT.size, COUNT_RESULT.align);
      const stream = cx.handle(self, io.inputStream);
      const count = stream.skip(bounded(length, Number.MAX_SAFE_INTEGER), io.scratch);
      if (isNothing(io, stream, count, kind) && wait(io, cx, stream, kind) !== DONE) return 1;
      storeCount(io, cx, stream, count === -Errno.AGAIN ? 0 : count, at);
      return DONE;
    },
  };
}

/** What to transfer for a `len` of the guest, a u64 that arrives as an s64. */
function bounded(length: bigint, max: number): number {
  return length < 0n || length > max ? max : Number(length);
}

/** True if a call has found nothing: also a blocking one that asks for no byte of a stream that is not ready. */
function isNothing(io: GuestIo, stream: InputStream, count: number, kind: Kind): boolean {
  return count === -Errno.AGAIN || (count === 0 && kind === "blocking" && !io.isReady(stream));
}

/** @returns `WAIT` if the attempt must be made again after a wait, `DONE` to answer that nothing is there. */
function wait(io: GuestIo, cx: CallContext, stream: InputStream, kind: Kind): 0 | 1 {
  return kind === "blocking" ? io.waitForTarget(cx, stream) : io.foundNothing(cx, stream.awaited());
}

/**
 * Read what is known to be there into memory that is allocated for it. A guest frees a list by its length, or not at all if
 * it is empty, so that a larger allocation would be lost. Everything else goes through a buffer of the host.
 *
 * @returns False if nothing was read.
 */
function readInPlace(io: GuestIo, cx: CallContext, stream: InputStream, wanted: number, at: number): boolean {
  const readable = Math.min(stream.readableBytes(), wanted);
  if (readable <= LARGE) return false;
  const pointer = cx.realloc(1, readable);
  const count = stream.read(cx.bytes, pointer, readable);
  if (count < 0 && count !== -Errno.AGAIN) storeFailure(io, cx, stream, count, at);
  else storeList(cx, pointer, Math.max(count, 0), at);
  return true;
}

function storeCopy(io: GuestIo, cx: CallContext, count: number, at: number): void {
  const pointer = cx.realloc(1, count);
  io.copyScratch(cx.bytes, pointer, count);
  storeList(cx, pointer, count, at);
}
