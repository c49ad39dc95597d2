/** The functions of `output-stream`, but for `splice`. */

import type { CallContext } from "../../../component/abi/context.ts";
import { DONE, type HostFunction } from "../../../component/link/function.ts";
import { trap } from "../../../component/link/trap.ts";
import { Errno } from "../../../witx/errno.ts";
import { type GuestIo, STREAM_ERROR } from "./guest_io.ts";
import type { OutputStream } from "./output_stream.ts";
import { COUNT_RESULT, LIST_RESULT, storeCount, storeUnit } from "./results.ts";

/** Bytes that a blocking write takes at most. */
const MAX_BLOCKING_WRITE = 4096;

const UNIT = `result<_, ${STREAM_ERROR}>`;
const SELF = "self: borrow<output-stream>";

/** Functions by their names. */
export function outputFunctions(io: GuestIo): Record<string, HostFunction> {
  return {
    "[method]output-stream.check-write": checkWrite(io),
    "[method]output-stream.write": write(io),
    "[method]output-stream.blocking-write-and-flush": blockingWrite(io),
    "[method]output-stream.flush": flush(io),
    "[method]output-stream.blocking-flush": blockingFlush(io),
    "[method]output-stream.subscribe": subscribe(io),
    "[method]output-stream.write-zeroes": writeZeroes(io),
    "[method]output-stream.blocking-write-zeroes-and-flush": blockingWriteZeroes(io),
  };
}

function checkWrite(io: GuestIo): HostFunction {
  return {
    type: `func(${SELF}) -> result<u64, ${STREAM_ERROR}>`,
    attempt: (cx) => (self: number, result: number): 0 | 1 => {
      cx.enter();
      const at = result >>> 0;
      cx.checkSpan(at, COUNT_RESULT.size, COUNT_RESULT.align);
      const stream = cx.handle(self, io.outputStream);
      const permit = stream.checkWrite();
      if (permit === 0 && io.foundNothing(cx, stream.pollable) !== DONE) return 1;
      storeCount(io, cx, stream, permit, at);
      return DONE;
    },
  };
}

function write(io: GuestIo): HostFunction {
  return {
    type: `func(${SELF}, contents: list<u8>) -> ${UNIT}`,
    lower: (cx) => (self: number, contents: number, length: number, result: number): void => {
      cx.enter();
      const from = contents >>> 0;
      const count = length >>> 0;
      const at = result >>> 0;
      cx.checkSpan(from, count);
      cx.checkSpan(at, LIST_RESULT.size, LIST_RESULT.align);
      const stream = cx.handle(self, io.outputStream);
      checkPermit(stream, count);
      storeUnit(io, cx, stream, stream.write(cx.bytes, from, count), at);
    },
  };
}

function writeZeroes(io: GuestIo): HostFunction {
  return {
    type: `func(${SELF}, len: u64) -> ${UNIT}`,
    lower: (cx) => (self: number, length: bigint, result: number): void => {
      cx.enter();
      const at = result >>> 0;
      cx.checkSpan(at, LIST_RESULT.size, LIST_RESULT.align);
      const stream = cx.handle(self, io.outputStream);
      const count = Number(BigInt.asUintN(64, length));
      checkPermit(stream, count);
      // A stream that has failed permits any length, and takes nothing.
      const zeros = io.zeros(count);
      storeUnit(io, cx, stream, stream.write(zeros, 0, Math.min(count, zeros.length)), at);
    },
  };
}

function checkPermit(stream: OutputStream, length: number): void {
  if (!stream.permits(length)) trap(`write of ${length} bytes exceeds what check-write has permitted`);
}

function flush(io: GuestIo): HostFunction {
  return {
    type: `func(${SELF}) -> ${UNIT}`,
    lower: (cx) => (self: number, result: number): void => {
      cx.enter();
      const at = result >>> 0;
      cx.checkSpan(at, LIST_RESULT.size, LIST_RESULT.align);
      const stream = cx.handle(self, io.outputStream);
      const flushed = stream.flush();
      storeUnit(io, cx, stream, flushed === -Errno.INPROGRESS ? 0 : flushed, at);
    },
  };
}

function blockingFlush(io: GuestIo): HostFunction {
  return {
    type: `func(${SELF}) -> ${UNIT}`,
    attempt: (cx) => (self: number, result: number): 0 | 1 => {
      cx.enter();
      const stream = cx.handle(self, io.outputStream);
      return finish(io, cx, stream, stream.flush(), result >>> 0);
    },
  };
}

function blockingWrite(io: GuestIo): HostFunction {
  return {
    type: `func(${SELF}, contents: list<u8>) -> ${UNIT}`,
    attempt: (cx) => (self: number, contents: number, length: number, result: number): 0 | 1 => {
      cx.enter();
      const from = contents >>> 0;
      const count = length >>> 0;
      const at = result >>> 0;
      cx.checkSpan(from, count);
      if (count > MAX_BLOCKING_WRITE) tooLarge("blocking-write-and-flush");
      const stream = cx.handle(self, io.outputStream);
      return finish(io, cx, stream, stream.writeAndFlush(at, cx.bytes, from, count), at);
    },
  };
}

function blockingWriteZeroes(io: GuestIo): HostFunction {
  return {
    type: `func(${SELF}, len: u64) -> ${UNIT}`,
    attempt: (cx) => (self: number, length: bigint, result: number): 0 | 1 => {
      cx.enter();
      if (length < 0n || length > MAX_BLOCKING_WRITE) tooLarge("blocking-write-zeroes-and-flush");
      const count = Number(length);
      const at = result >>> 0;
      const stream = cx.handle(self, io.outputStream);
      return finish(io, cx, stream, stream.writeAndFlush(at, io.zeros(count), 0, count), at);
    },
  };
}

function tooLarge(name: string): never {
  return trap(`Buffer too large for ${name} (expected at most ${MAX_BLOCKING_WRITE})`);
}

/** Wait while the operation is in progress, then store its result. */
function finish(io: GuestIo, cx: CallContext, stream: OutputStream, result: number, at: number): 0 | 1 {
  cx.checkSpan(at, LIST_RESULT.size, LIST_RESULT.align);
  if (result === -Errno.INPROGRESS) return io.waitForOne(cx, stream.pollable, stream.interest);
  if (result === -Errno.AGAIN) return io.waitForOne(cx, undefined, stream.interest);
  storeUnit(io, cx, stream, result, at);
  return DONE;
}

function subscribe(io: GuestIo): HostFunction {
  return {
    type: `func(${SELF}) -> own<pollable>`,
    lower: (cx) => (self: number): number => {
      cx.enter();
      return io.subscribe(cx, cx.handle(self, io.outputStream));
    },
  };
}
