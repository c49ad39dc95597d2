/** The resource `outgoing-body`. */

import { trap } from "../../../component/link/trap.ts";
import { OutQueue } from "../../../core/io/out_queue.ts";
import type { PendingOutput } from "../../../core/io/pending_output.ts";
import { OutputStream } from "../io/output_stream.ts";
import { type BodyConsumer, BodySink } from "./body_sink.ts";
import { type ErrorCode, internalError } from "./error_code.ts";
import type { Fields } from "./fields.ts";

/** What a body belongs to. */
export type BodyKind = "request" | "response";

/** A body that the guest writes, before or after it is known where it goes. Its stream is its child. */
export class OutgoingBody {
  /** Value of the field content-length; undefined if there is none. */
  readonly contentLength: number | undefined;
  readonly #kind: BodyKind;
  readonly #pending: PendingOutput;
  readonly #sink: BodySink;
  #queue: OutQueue | undefined;
  #stream: OutputStream | undefined;

  /**
   * @param kind What it belongs to.
   * @param headers Of the message.
   * @param pending Queued output of the guest.
   */
  constructor(kind: BodyKind, headers: Fields, pending: PendingOutput) {
    this.#kind = kind;
    this.#pending = pending;
    this.contentLength = contentLengthOf(headers);
    this.#sink = new BodySink(this.contentLength ?? Infinity, (length) => this.#wrongSize(length), pending);
  }

  #wrongSize(length: number): ErrorCode {
    return { tag: `HTTP-${this.#kind}-body-size`, val: BigInt(length) };
  }

  /** Its stream: undefined from the second call on. */
  write(): OutputStream | undefined {
    if (this.#stream !== undefined) return undefined;
    this.#queue = new OutQueue(this.#sink, this.#pending);
    return this.#stream = new OutputStream(this.#queue, this.#sink);
  }

  /** It is known where the body goes. */
  attach(consumer: BodyConsumer): void {
    this.#sink.attach(consumer);
    if (this.#queue?.isBusy === true) this.#queue.drain();
  }

  /**
   * The guest has written all of it.
   *
   * @returns Why the body is incomplete, if it is: its length is not that of its content-length, or nobody reads it.
   * @throws {ComponentTrap} If its stream is still there.
   */
  finish(trailers: Fields | undefined): ErrorCode | undefined {
    this.#checkStream();
    const length = this.#sink.written + (this.#queue?.queuedBytes ?? 0);
    if (this.contentLength !== undefined && length !== this.contentLength) this.#sink.abort(this.#wrongSize(length));
    const { failure } = this.#sink;
    if (failure !== undefined) return failure;
    if (this.#stream === undefined) this.#sink.close();
    this.#sink.finish(trailers);
    return undefined;
  }

  /** As {@linkcode OutgoingBody.finish}, for a body that the guest never asked for: it may have a length without having bytes. */
  finishEmpty(): void {
    this.#sink.close();
    this.#sink.finish(undefined);
  }

  #checkStream(): void {
    if (this.#stream?.isDropped === false) trap("the stream of the outgoing-body must be dropped before it");
  }

  /**
   * The guest has dropped it without finishing it.
   *
   * @param dropper The guest; undefined at its end, when everything is dropped in any order.
   * @throws {ComponentTrap} If its stream is still there.
   */
  close(dropper: object | undefined): void {
    if (dropper !== undefined) this.#checkStream();
    this.#sink.abort(internalError("the guest has not finished the body"));
  }
}

function contentLengthOf(headers: Fields): number | undefined {
  const text = headers.text("content-length");
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
