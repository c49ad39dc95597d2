/** What is between the stream of an outgoing body and where the body goes. */

import { Interest, type Pollable } from "../../../contract/pollable.ts";
import type { ByteSink } from "../../../core/io/out_queue.ts";
import type { PendingOutput, QueuedOutput } from "../../../core/io/pending_output.ts";
import { Errno } from "../../../witx/errno.ts";
import { type ErrorCode, internalError } from "./error_code.ts";
import type { Fields } from "./fields.ts";
import { Notice } from "./notice.ts";

/** Where a body goes: a connection, or a stream of the host. */
export interface BodyConsumer {
  /**
   * Take what fits.
   *
   * @returns Bytes taken; `-AGAIN` while nothing fits; `-PIPE` if nobody reads any more; or minus an errno.
   */
  write(bytes: Uint8Array, start: number, length: number): number;
  /** What to wait for, with `Interest.WRITE`, after `-AGAIN`. */
  readonly pollable: Pollable | undefined;
  /** How long the end of the guest waits for it (ns); missing: until it has taken everything. */
  readonly lingerNs?: number;
  /** Why a write has failed, or will. */
  readonly failure: ErrorCode | undefined;
  /** All bytes were taken, and the body is complete. */
  finish(trailers: Fields | undefined): void;
  /** The body remains incomplete. */
  abort(reason: ErrorCode): void;
}

/** Bytes that a body may have before it is known where it goes. */
const MAX_BUFFERED = 64 * 1024;

/** Takes the bytes of a body, holds back the first of them, and passes them on once it is known where they go. */
export class BodySink implements ByteSink, QueuedOutput {
  readonly interest: number = Interest.WRITE;
  readonly #limit: number;
  readonly #tooLong: (length: number) => ErrorCode;
  readonly #pending: PendingOutput;
  readonly #unknown: Notice = new Notice();
  #buffered: Uint8Array[] = [];
  #bufferedBytes = 0;
  #written = 0;
  #consumer: BodyConsumer | undefined;
  #failure: ErrorCode | undefined;
  /** True once the stream is gone, and all its bytes have arrived here. */
  #isClosed = false;
  #end: { readonly trailers: Fields | undefined } | undefined;

  /**
   * @param limit Most bytes of the body.
   * @param tooLong Error for a body of so many bytes.
   * @param pending Gets it while it holds something back that may be passed on.
   */
  constructor(limit: number, tooLong: (length: number) => ErrorCode, pending: PendingOutput) {
    this.#limit = limit;
    this.#tooLong = tooLong;
    this.#pending = pending;
  }

  /** Bytes that it has taken. */
  get written(): number {
    return this.#written;
  }

  /** Why the body can't be completed. */
  get failure(): ErrorCode | undefined {
    return this.#failure ?? this.#consumer?.failure;
  }

  /** For errors of the stream. */
  get errorCode(): ErrorCode | undefined {
    return this.failure;
  }

  get pollable(): Pollable | undefined {
    return this.#consumer === undefined ? this.#unknown : this.#consumer.pollable;
  }

  get isBusy(): boolean {
    return this.#consumer !== undefined && this.#bufferedBytes > 0;
  }

  /** The end of the guest waits for whoever reads a body; for a body without a reader, it does not. */
  get lingerNs(): number {
    return this.#consumer === undefined ? 0 : this.#consumer.lingerNs ?? Infinity;
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#failure !== undefined) return -Errno.PIPE;
    if (this.#written + length > this.#limit) {
      this.abort(this.#tooLong(this.#written + length));
      return -Errno.FBIG;
    }
    const count = this.#take(bytes, start, length);
    if (count > 0) this.#written += count;
    return count;
  }

  #take(bytes: Uint8Array, start: number, length: number): number {
    if (this.#consumer !== undefined) {
      const drained = this.drain();
      if (drained < 0) return drained === -Errno.INPROGRESS ? -Errno.AGAIN : drained;
      return this.#consumer.write(bytes, start, length);
    }
    const count = Math.min(length, MAX_BUFFERED - this.#bufferedBytes);
    if (count === 0 && length > 0) return -Errno.AGAIN;
    this.#buffered.push(bytes.slice(start, start + count));
    this.#bufferedBytes += count;
    return count;
  }

  flush(): number {
    return this.isBusy ? this.drain() : 0;
  }

  drain(): number {
    const consumer = this.#consumer;
    while (consumer !== undefined && this.#buffered.length > 0) {
      const [bytes] = this.#buffered as [Uint8Array];
      const count = consumer.write(bytes, 0, bytes.length);
      if (count === -Errno.AGAIN) {
        this.#pending.add(this);
        return -Errno.INPROGRESS;
      }
      if (count < 0) {
        this.#discard();
        return count;
      }
      this.#bufferedBytes -= count;
      if (count < bytes.length) this.#buffered[0] = bytes.subarray(count);
      else this.#buffered.shift();
    }
    this.#pending.delete(this);
    this.#finishOnce();
    return 0;
  }

  #discard(): void {
    this.#buffered = [];
    this.#bufferedBytes = 0;
    this.#pending.delete(this);
  }

  abandon(): void {
    this.abort(internalError("the guest has ended"));
  }

  /** It is known where the body goes. */
  attach(consumer: BodyConsumer): void {
    this.#consumer = consumer;
    if (this.#failure === undefined) this.drain();
    else consumer.abort(this.#failure);
    this.#unknown.set();
  }

  close(): void {
    this.#isClosed = true;
    this.#finishOnce();
  }

  /** The body ends after the bytes written so far. */
  finish(trailers: Fields | undefined): void {
    this.#end = { trailers };
    this.#finishOnce();
  }

  #finishOnce(): void {
    const end = this.#end;
    const consumer = this.#consumer;
    if (end === undefined || consumer === undefined || !this.#isClosed || this.#bufferedBytes > 0) return;
    this.#end = undefined;
    if (this.#failure === undefined) consumer.finish(end.trailers);
  }

  /** The body remains incomplete. */
  abort(reason: ErrorCode): void {
    if (this.#failure !== undefined) return;
    this.#failure = reason;
    this.#discard();
    this.#consumer?.abort(reason);
  }
}
