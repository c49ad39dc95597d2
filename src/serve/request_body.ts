/** The body of a request, sent to the guest. */

import type { GuestConnection } from "./guest_connection.ts";
import type { RequestFraming } from "../core/http1/request_head.ts";

const encoder: TextEncoder = new TextEncoder();
const CRLF: Uint8Array = encoder.encode("\r\n");
const LAST_CHUNK: Uint8Array = encoder.encode("0\r\n\r\n");

/** Chunks up to this size are sent in one write with their framing. */
const SMALL_CHUNK_BYTES = 16 * 1024;

/** Sends a body with back-pressure. */
export class RequestBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #framing: RequestFraming;
  #sent = 0;
  #isSent = false;
  #isCancelled = false;

  /** @throws {TypeError} If the body is locked. */
  constructor(body: ReadableStream<Uint8Array>, framing: RequestFraming) {
    this.#reader = body.getReader();
    this.#framing = framing;
    this.#isSent = framing.kind === "length" && framing.length === 0;
  }

  /** True once the whole body was sent. */
  get isSent(): boolean {
    return this.#isSent;
  }

  /**
   * Sends the body as fast as the guest reads it.
   *
   * @throws The error of the stream, or a TypeError if the length differs from the content-length.
   */
  async send(connection: GuestConnection): Promise<void> {
    for (;;) {
      const { done, value } = await this.#reader.read();
      if (this.#isCancelled) return;
      if (done) return this.#end(connection);
      if (value.length > 0 && !this.#sendPiece(connection, value)) await connection.drained();
    }
  }

  #sendPiece(connection: GuestConnection, piece: Uint8Array): boolean {
    this.#sent += piece.length;
    if (this.#framing.kind === "length") return this.#sendOfLength(connection, piece, this.#framing.length);
    const size = encoder.encode(`${piece.length.toString(16)}\r\n`);
    if (piece.length <= SMALL_CHUNK_BYTES) return connection.send(chunkOf(size, piece));
    connection.send(size);
    connection.send(piece);
    return connection.send(CRLF);
  }

  #sendOfLength(connection: GuestConnection, piece: Uint8Array, length: number): boolean {
    if (this.#sent > length) {
      throw new TypeError(`Cannot send the body: its content-length is ${length}, but it is longer`);
    }
    // Set before sending: the response may arrive at once.
    this.#isSent = this.#sent === length;
    return connection.send(piece);
  }

  #end(connection: GuestConnection): void {
    if (this.#framing.kind === "length" && !this.#isSent) {
      const { length } = this.#framing;
      throw new TypeError(`Cannot send the body: its content-length is ${length}, but it has only ${this.#sent} bytes`);
    }
    if (this.#isSent) return;
    this.#isSent = true;
    connection.send(LAST_CHUNK);
  }

  /** Stops sending. */
  cancel(reason: unknown): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    if (!this.#isSent) this.#reader.cancel(reason).catch(() => {});
  }
}

function chunkOf(size: Uint8Array, piece: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(size.length + piece.length + CRLF.length);
  chunk.set(size);
  chunk.set(piece, size.length);
  chunk.set(CRLF, size.length + piece.length);
  return chunk;
}
