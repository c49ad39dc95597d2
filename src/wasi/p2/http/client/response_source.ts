/** Receives a response: its head, then its body as the guest reads it. */

import type { PlatformClock } from "../../../../contract/platform.ts";
import type { Pollable } from "../../../../contract/pollable.ts";
import type { Field } from "../../../../core/http1/fields.ts";
import type { ResponseHead } from "../../../../core/http1/response_head.ts";
import type { ResponseEvents } from "../../../../core/http1/response_reader.ts";
import { Errno } from "../../../../witx/errno.ts";
import { type ErrorCode, protocolError } from "../error_code.ts";
import { Fields } from "../fields.ts";
import type { BodySource } from "../incoming_body.ts";
import type { HttpConnection } from "./http_connection.ts";

/** Bytes that one read takes. */
const READ_BYTES = 64 * 1024;

/** Parts of a {@linkcode ResponseSource}. */
export interface ResponseSourceOptions {
  /** The connection. */
  readonly connection: HttpConnection;
  /** Method of the request. */
  readonly method: string;
  /** Time between two pieces of the body (ns); undefined for no limit. */
  readonly betweenBytesNs: number | undefined;
  /** The clock. */
  readonly clock: PlatformClock;
  /** Called once: the response is complete, or nobody reads it any more. */
  onEnd(isComplete: boolean): void;
}

/** Reads one response from a connection. */
export class ResponseSource implements BodySource, ResponseEvents {
  readonly #options: ResponseSourceOptions;
  readonly #connection: HttpConnection;
  readonly #received: Uint8Array = new Uint8Array(READ_BYTES);
  #head: ResponseHead | undefined;
  #pieces: Uint8Array[] = [];
  #isComplete = false;
  #isClosed = false;
  #failure: ErrorCode | undefined;
  #trailers: Fields | undefined;
  #deadlineNs: number | undefined;

  /** @param options Its parts. */
  constructor(options: ResponseSourceOptions) {
    this.#options = options;
    this.#connection = options.connection;
    this.#connection.reader.begin(options.method, this);
  }

  get failure(): ErrorCode | undefined {
    return this.#failure;
  }

  get trailers(): Fields | undefined {
    return this.#trailers;
  }

  get deadlineNs(): number | undefined {
    return this.#deadlineNs;
  }

  get pollable(): Pollable | undefined {
    const isReady = this.#pieces.length > 0 || this.#isComplete || this.#failure !== undefined;
    return isReady ? undefined : this.#connection.transport.pollable;
  }

  /** The head, once it has arrived; undefined before, and after a failure. */
  receiveHead(): ResponseHead | undefined {
    while (this.#head === undefined && this.#failure === undefined && this.#receive());
    this.#restartTimer();
    return this.#head;
  }

  /** @returns False if nothing has arrived. */
  #receive(): boolean {
    const { transport, reader } = this.#connection;
    const count = transport.read(this.#received, 0, READ_BYTES);
    if (count === -Errno.AGAIN) return false;
    try {
      if (count > 0) reader.push(this.#received.subarray(0, count));
      else if (count === 0) reader.finish();
      else this.fail({ tag: "connection-terminated" });
    } catch (error) {
      this.fail(protocolError(error));
    }
    return true;
  }

  head(head: ResponseHead): void {
    this.#head = head;
  }

  body(piece: Uint8Array): void {
    if (piece.length > 0) this.#pieces.push(piece.slice());
  }

  end(trailers: readonly Field[]): void {
    this.#isComplete = true;
    if (trailers.length > 0) this.#trailers = Fields.received(trailers);
    this.#deadlineNs = undefined;
    if (!this.#isClosed) this.#options.onEnd(true);
  }

  readableBytes(): number {
    return this.#pieces[0]?.length ?? 0;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    while (this.#pieces.length === 0) {
      if (this.#isComplete) return 0;
      if (this.#failure !== undefined) return -Errno.IO;
      if (this.#receive()) this.#restartTimer();
      else if (this.#isLate()) this.fail({ tag: "connection-read-timeout" });
      else return -Errno.AGAIN;
    }
    const [piece] = this.#pieces as [Uint8Array];
    const count = Math.min(length, piece.length);
    bytes.set(count === piece.length ? piece : piece.subarray(0, count), start);
    if (count < piece.length) this.#pieces[0] = piece.subarray(count);
    else this.#pieces.shift();
    return count;
  }

  #isLate(): boolean {
    return this.#deadlineNs !== undefined && this.#options.clock.monotonic() >= this.#deadlineNs;
  }

  #restartTimer(): void {
    const { betweenBytesNs, clock } = this.#options;
    if (betweenBytesNs !== undefined && !this.#isComplete) this.#deadlineNs = clock.monotonic() + betweenBytesNs;
  }

  /** The response can't be completed. */
  fail(reason: ErrorCode): void {
    if (this.#isComplete || this.#failure !== undefined) return;
    this.#failure = reason;
    this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (!this.#isComplete) this.#options.onEnd(false);
  }
}
