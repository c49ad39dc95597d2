/** `splice` and `blocking-splice` of `output-stream`. */

import type { CallContext } from "../../../component/abi/context.ts";
import { DONE, type HostFunction } from "../../../component/link/function.ts";
import { Errno } from "../../../witx/errno.ts";
import { type GuestIo, MAX_READ, STREAM_ERROR } from "./guest_io.ts";
import type { InputStream } from "./input_stream.ts";
import type { OutputStream } from "./output_stream.ts";
import { COUNT_RESULT, storeCount } from "./results.ts";

const TYPE = `func(self: borrow<output-stream>, src: borrow<input-stream>, len: u64) -> result<u64, ${STREAM_ERROR}>`;

/** Functions by their names. */
export function spliceFunctions(io: GuestIo): Record<string, HostFunction> {
  return {
    "[method]output-stream.splice": {
      type: TYPE,
      attempt: (cx) => (self: number, source: number, length: bigint, result: number): 0 | 1 => {
        const splice = new Splice(io, cx, self, source, length);
        if (splice.permit === 0) return io.foundNothing(cx, splice.output.pollable) || splice.store(result, 0);
        const count = splice.move();
        if (count !== -Errno.AGAIN) return splice.store(result, count);
        return io.foundNothing(cx, splice.input.awaited()) || splice.store(result, 0);
      },
    },
    "[method]output-stream.blocking-splice": {
      type: TYPE,
      attempt: (cx) => (self: number, source: number, length: bigint, result: number): 0 | 1 => {
        const splice = new Splice(io, cx, self, source, length);
        const { input, output } = splice;
        if (splice.permit === 0) return io.waitForOne(cx, output.pollable, output.interest);
        if (!io.isReady(input)) return io.waitForTarget(cx, input);
        const count = splice.move();
        return count === -Errno.AGAIN ? io.waitForTarget(cx, input) : splice.store(result, count);
      },
    },
  };
}

/** One attempt. */
class Splice {
  readonly output: OutputStream;
  readonly input: InputStream;
  /** Bytes that the output takes: 0 for none yet, or minus an errno. */
  readonly permit: number;
  readonly #io: GuestIo;
  readonly #cx: CallContext;
  readonly #length: bigint;
  #failed: OutputStream | InputStream;

  constructor(io: GuestIo, cx: CallContext, output: number, input: number, length: bigint) {
    cx.enter();
    this.#io = io;
    this.#cx = cx;
    this.output = this.#failed = cx.handle(output, io.outputStream);
    this.input = cx.handle(input, io.inputStream);
    this.#length = length;
    this.permit = this.output.checkWrite();
  }

  /** Read and write. @returns Bytes moved; `-AGAIN` if there is nothing to read; or minus an errno. */
  move(): number {
    if (this.permit < 0) return this.permit;
    const { scratch } = this.#io;
    const most = Math.min(this.permit, MAX_READ);
    const length = this.#length < 0n || this.#length > most ? most : Number(this.#length);
    const count = this.input.read(scratch, 0, length);
    if (count <= 0) {
      this.#failed = this.input;
      return count;
    }
    const written = this.output.write(scratch, 0, count);
    return written < 0 ? written : count;
  }

  /** Store the result. @returns `DONE`. */
  store(result: number, count: number): 0 {
    const at = result >>> 0;
    this.#cx.checkSpan(at, COUNT_RESULT.size, COUNT_RESULT.align);
    storeCount(this.#io, this.#cx, this.#failed, count, at);
    return DONE;
  }
}
