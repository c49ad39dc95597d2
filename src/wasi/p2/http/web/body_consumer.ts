/** The body that a guest writes, for the web: bytes, or a stream. */

import type { Pollable } from "../../../../contract/pollable.ts";
import { joinedBytes } from "../../../../core/io/joined_bytes.ts";
import { Errno } from "../../../../witx/errno.ts";
import type { BodyConsumer } from "../body_sink.ts";
import type { ErrorCode } from "../error_code.ts";
import { Notice } from "../notice.ts";

/** Bytes that may wait for the reader. */
const MAX_QUEUED = 64 * 1024;

type Bytes = Uint8Array<ArrayBuffer>;

/** Keeps what a guest writes until somebody reads it, with back-pressure. */
export class WebBodyConsumer implements BodyConsumer {
  readonly #notice: Notice = new Notice();
  readonly #onOver: (reason: "finished" | "aborted" | "cancelled") => void;
  /** What was written before the stream was made. */
  #pieces: Bytes[] = [];
  #queuedBytes = 0;
  #controller: ReadableStreamDefaultController<Bytes> | undefined;
  #failure: ErrorCode | undefined;
  #isOver = false;

  /** @param onOver Called once: the body is complete, the guest does not complete it, or the reader does not want it. */
  constructor(onOver: (reason: "finished" | "aborted" | "cancelled") => void = () => {}) {
    this.#onOver = onOver;
  }

  get pollable(): Pollable {
    return this.#notice;
  }

  get failure(): ErrorCode | undefined {
    return this.#failure;
  }

  /** All bytes if the body is complete already, and else a stream; called once, unless the body has failed before. */
  body(): Bytes | ReadableStream<Bytes> {
    const pieces = this.#pieces;
    this.#pieces = [];
    if (this.#isOver) return joinedBytes(pieces);
    this.#notice.set();
    return new ReadableStream<Bytes>({
      start: (controller) => {
        this.#controller = controller;
        for (const piece of pieces) controller.enqueue(piece);
      },
      pull: () => this.#notice.set(),
      cancel: () => this.cancel(),
    }, { highWaterMark: MAX_QUEUED, size: (piece) => piece.byteLength });
  }

  write(bytes: Uint8Array, start: number, length: number): number {
    if (this.#isOver) return -Errno.PIPE;
    const controller = this.#controller;
    if (controller === undefined ? this.#queuedBytes >= MAX_QUEUED : controller.desiredSize! <= 0) {
      this.#notice.clear();
      return -Errno.AGAIN;
    }
    // A copy: the bytes are in the guest's memory.
    const piece = bytes.slice(start, start + length) as Bytes;
    if (controller === undefined) {
      this.#pieces.push(piece);
      this.#queuedBytes += length;
    } else {
      controller.enqueue(piece);
    }
    return length;
  }

  finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#controller?.close();
    this.#onOver("finished");
  }

  abort(reason: ErrorCode): void {
    if (this.#isOver) return;
    this.#fail(reason);
    this.#controller?.error(new Error(`The guest has not completed the body: ${reason.tag}`));
    this.#onOver("aborted");
  }

  /**
   * The reader is gone. Its stream fails a little later, because a server whose client is gone cancels the stream itself;
   * Deno logs an error if it fails before that.
   */
  breakOff(): void {
    if (this.#isOver) return;
    this.#fail({ tag: "connection-terminated" });
    setTimeout(() => this.#controller?.error(new Error("The response was broken off")), 0);
    this.#onOver("aborted");
  }

  /** Nobody reads it any more. */
  cancel(): void {
    if (this.#isOver) return;
    this.#fail({ tag: "connection-terminated" });
    this.#onOver("cancelled");
  }

  #fail(reason: ErrorCode): void {
    this.#isOver = true;
    this.#failure = reason;
    this.#notice.set();
  }
}
