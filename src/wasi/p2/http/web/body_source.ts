/** A web stream as the body that a guest receives. */

import type { Pollable } from "../../../../contract/pollable.ts";
import { Errno } from "../../../../witx/errno.ts";
import { type ErrorCode, internalError } from "../error_code.ts";
import type { BodySource } from "../incoming_body.ts";
import { Notice } from "../notice.ts";

/** Limits on a body. */
export interface BodyLimits {
  /** What it belongs to, for errors. */
  readonly kind: "request" | "response";
  /** Bytes that it has, if that is declared. */
  readonly contentLength?: number | undefined;
  /** Bytes that it may have. */
  readonly maxBytes?: number | undefined;
}

/** Reads a web stream, one piece ahead of the guest. */
export class WebBodySource implements BodySource {
  readonly trailers = undefined;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  readonly #limits: BodyLimits;
  readonly #notice: Notice = new Notice();
  #piece: Uint8Array | undefined;
  #isReading = false;
  #isEnded = false;
  #failure: ErrorCode | undefined;
  #received = 0;

  /**
   * @param body The stream; null for an empty body.
   * @param limits Limits on its size.
   */
  constructor(body: ReadableStream<Uint8Array> | null, limits: BodyLimits) {
    this.#limits = limits;
    this.#reader = body?.getReader();
    this.#isEnded = body === null;
  }

  get failure(): ErrorCode | undefined {
    return this.#failure;
  }

  get pollable(): Pollable | undefined {
    return this.#isWaiting() ? this.#notice : undefined;
  }

  readableBytes(): number {
    return this.#piece?.length ?? 0;
  }

  read(bytes: Uint8Array, start: number, length: number): number {
    if (this.#isWaiting()) return -Errno.AGAIN;
    const piece = this.#piece;
    if (piece === undefined) return this.#failure === undefined ? 0 : -Errno.IO;
    const count = Math.min(length, piece.length);
    bytes.set(count === piece.length ? piece : piece.subarray(0, count), start);
    this.#piece = count < piece.length ? piece.subarray(count) : undefined;
    return count;
  }

  /** True if nothing is there yet; then something is on its way. */
  #isWaiting(): boolean {
    if (this.#piece !== undefined || this.#isEnded || this.#failure !== undefined) return false;
    if (!this.#isReading) this.#readNext();
    return true;
  }

  #readNext(): void {
    this.#isReading = true;
    this.#notice.clear();
    this.#reader!.read().then(
      ({ done, value }) => this.#arrived(done ? undefined : value),
      (error: unknown) => this.fail(internalError(error instanceof Error ? error.message : String(error))),
    );
  }

  #arrived(piece: Uint8Array | undefined): void {
    this.#isReading = false;
    const { contentLength, maxBytes = Infinity, kind } = this.#limits;
    this.#received += piece?.length ?? 0;
    const isShort = piece === undefined && contentLength !== undefined && this.#received < contentLength;
    if (this.#received > Math.min(contentLength ?? Infinity, maxBytes) || isShort) {
      this.fail({ tag: `HTTP-${kind}-body-size`, val: BigInt(this.#received) });
      return;
    }
    if (piece === undefined) this.#isEnded = true;
    else if (piece.length > 0) this.#piece = piece;
    this.#notice.set();
  }

  /** No more of it comes. @param reason Why. */
  fail(reason: ErrorCode): void {
    this.#isReading = false;
    if (!this.#isEnded) this.#failure ??= reason;
    this.#piece = undefined;
    this.close();
    this.#notice.set();
  }

  close(): void {
    this.#reader?.cancel().catch(() => {});
    this.#isEnded ||= this.#failure === undefined && this.#piece === undefined;
  }
}
