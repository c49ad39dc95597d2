/** The resource `output-stream` of `wasi:io/streams`. */

import type { Pollable } from "../../../contract/pollable.ts";
import type { OutQueue } from "../../../core/io/out_queue.ts";
import { Errno } from "../../../witx/errno.ts";
import { CLOSED } from "./input_stream.ts";
import type { ErrorOrigin } from "./io_error.ts";
import type { PollTarget } from "./pollable.ts";

/** An output stream over a queue. Its calls return 0 or a count, or minus an errno; {@linkcode CLOSED} after a failure. */
export class OutputStream implements PollTarget {
  readonly hasTried = true;
  /** For the errors of the stream. */
  readonly origin: ErrorOrigin;
  readonly #queue: OutQueue;
  readonly #isShared: boolean;
  #permit = 0;
  /** The blocking write whose bytes were taken: the pointer to its result; -1 for none. */
  #blockedCall = -1;
  #isClosed = false;
  #isDropped = false;

  /**
   * @param queue Where it writes.
   * @param origin For its errors.
   * @param options `isShared`: other streams write to the queue too, and it is not closed with this stream.
   */
  constructor(queue: OutQueue, origin: ErrorOrigin, options: { readonly isShared?: boolean } = {}) {
    this.#queue = queue;
    this.origin = origin;
    this.#isShared = options.isShared === true;
  }

  get interest(): number {
    return this.#queue.interest;
  }

  awaited(): Pollable | undefined {
    if (this.#isClosed || this.#queue.drain() !== -Errno.INPROGRESS) return undefined;
    return this.#queue.pollable;
  }

  /** What a call of the guest has to wait for; undefined if the stream is ready. */
  get pollable(): Pollable | undefined {
    return this.#queue.pollable;
  }

  /** True once the guest has dropped it. */
  get isDropped(): boolean {
    return this.#isDropped;
  }

  /** @returns Bytes that may be written now, 0 for none yet; {@linkcode CLOSED}, or minus the errno of a failure. */
  checkWrite(): number {
    if (this.#isClosed) return CLOSED;
    const permit = this.#queue.permit();
    this.#permit = Math.max(permit, 0);
    return this.#checked(permit);
  }

  /** True if so many bytes may be written: {@linkcode OutputStream.checkWrite} said so, or would. */
  permits(length: number): boolean {
    return length <= this.#permit || length <= this.#queue.permit() || this.#isClosed || this.#queue.hasFailed;
  }

  /** Write all bytes. @returns 0, {@linkcode CLOSED}, or minus the errno of a failure, which is reported once. */
  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#isClosed) return CLOSED;
    this.#permit = Math.max(this.#permit - length, 0);
    return this.#checked(this.#queue.write(bytes, start, length));
  }

  /** Start to flush. @returns 0 once that is done, `-INPROGRESS`, {@linkcode CLOSED}, or minus the errno of a failure. */
  flush(): number {
    if (this.#isClosed) return CLOSED;
    this.#permit = 0;
    return this.#checked(this.#queue.flush());
  }

  /**
   * Write all bytes and flush. To be called again after a wait, with the same arguments: the bytes are taken once.
   *
   * @param call Tells the call from others that are in progress: the pointer to its result.
   * @returns 0 once everything is passed on; `-INPROGRESS` to wait for {@linkcode OutputStream.pollable}; `-AGAIN` to let
   * another call end first; {@linkcode CLOSED}, or minus the errno of a failure.
   */
  writeAndFlush(call: number, bytes: Uint8Array, start: number, length: number): number {
    let result: number;
    if (this.#blockedCall === call) {
      result = this.#drain();
    } else {
      if (this.#blockedCall !== -1) return -Errno.AGAIN;
      const permit = this.checkWrite();
      if (permit <= 0) return permit === 0 ? -Errno.INPROGRESS : permit;
      result = this.write(bytes, start, length);
      if (result === 0) result = this.flush();
    }
    this.#blockedCall = result === -Errno.INPROGRESS ? call : -1;
    return result;
  }

  #drain(): number {
    return this.#isClosed ? CLOSED : this.#checked(this.#queue.drain());
  }

  #checked(result: number): number {
    if (result < 0 && result !== -Errno.INPROGRESS) this.#isClosed = true;
    return result;
  }

  /**
   * No more writes: the stream is closed from now on. What is queued is still written.
   *
   * @param act Called after the bytes written so far: now, if nothing is queued.
   */
  end(act: () => void): void {
    this.#isClosed = true;
    this.#queue.afterDrain(act);
  }

  /** The guest has dropped it. What is queued is still written. */
  close(): void {
    this.#isClosed = true;
    if (this.#isDropped) return;
    this.#isDropped = true;
    if (!this.#isShared) this.#queue.close();
  }
}
