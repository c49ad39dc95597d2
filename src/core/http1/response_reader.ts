/** Parses the responses on a connection, one after another. */

import { ChunkedDecoder } from "./chunked.ts";
import { Http1Error } from "./error.ts";
import type { Field } from "./fields.ts";
import { type Framing, framingOf } from "./framing.ts";
import { HeadBuffer } from "./head_buffer.ts";
import { parseResponseHead, type ResponseHead } from "./response_head.ts";

/** Receives what a {@linkcode ResponseReader} parses. */
export interface ResponseEvents {
  /** The head of the final response. */
  head(head: ResponseHead): void;
  /** A piece of the body: a view of the received bytes. */
  body(piece: Uint8Array): void;
  /** The response is complete, with these trailers. */
  end(trailers: readonly Field[]): void;
}

/** Limit on 1xx responses before the final one. */
const MAX_INTERIM = 32;

/** The parser of a connection. */
export class ResponseReader {
  readonly #head: HeadBuffer = new HeadBuffer();
  #method = "";
  #events: ResponseEvents | undefined;
  #framing: Framing | undefined;
  #left = 0;
  #chunks: ChunkedDecoder | undefined;
  #interim = 0;
  #keepsAlive = true;
  #hasBytes = false;

  /** True if another request may follow once the response is complete. */
  get keepsAlive(): boolean {
    return this.#keepsAlive;
  }

  /** True if part of the response has arrived. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  /**
   * Expects the response to a request.
   *
   * @param method Method of the request.
   * @param events Receives the response.
   */
  begin(method: string, events: ResponseEvents): void {
    this.#method = method;
    this.#events = events;
    this.#framing = undefined;
    this.#interim = 0;
    this.#hasBytes = false;
  }

  /**
   * Parses more bytes.
   *
   * @throws {Http1Error} If they are not a valid response, or continue after it.
   */
  push(bytes: Uint8Array): void {
    this.#hasBytes = true;
    let at = 0;
    while (at < bytes.length) {
      const events = this.#events;
      if (events === undefined) throw new Http1Error("unexpected bytes after the response");
      at = this.#framing === undefined ? this.#pushHead(bytes, at, events) : this.#pushBody(bytes, at, events);
    }
  }

  /**
   * Handles the end of the connection.
   *
   * @throws {Http1Error} If the response is incomplete.
   */
  finish(): void {
    this.#keepsAlive = false;
    const events = this.#events;
    if (events === undefined) return;
    if (this.#framing?.kind !== "close") {
      throw new Http1Error("connection closed before the end of the response", "incomplete");
    }
    this.#end(events);
  }

  #pushHead(bytes: Uint8Array, start: number, events: ResponseEvents): number {
    const end = this.#head.push(bytes, start);
    if (end < 0) return bytes.length;
    const head = parseResponseHead(this.#head.take());
    if (head.status >= 200) this.#begin(head, events);
    else this.#skip(head);
    return end;
  }

  #skip({ status }: ResponseHead): void {
    if (status === 101) throw new Http1Error("unexpected switch of protocols", "upgrade");
    if (++this.#interim > MAX_INTERIM) throw new Http1Error(`more than ${MAX_INTERIM} interim responses`);
  }

  #begin(head: ResponseHead, events: ResponseEvents): void {
    const framing = framingOf(head, this.#method);
    this.#framing = framing;
    this.#keepsAlive = framing.keepsAlive;
    this.#left = framing.length;
    this.#chunks = framing.kind === "chunked" ? new ChunkedDecoder() : undefined;
    events.head(head);
    if (framing.kind === "none") this.#end(events);
  }

  #pushBody(bytes: Uint8Array, start: number, events: ResponseEvents): number {
    switch (this.#framing!.kind) {
      case "length":
        return this.#pushLength(bytes, start, events);
      case "chunked":
        return this.#pushChunks(bytes, start, events);
      default:
        events.body(start === 0 ? bytes : bytes.subarray(start));
        return bytes.length;
    }
  }

  #pushLength(bytes: Uint8Array, start: number, events: ResponseEvents): number {
    const end = Math.min(start + this.#left, bytes.length);
    this.#left -= end - start;
    events.body(bytes.subarray(start, end));
    if (this.#left === 0) this.#end(events);
    return end;
  }

  #pushChunks(bytes: Uint8Array, start: number, events: ResponseEvents): number {
    const chunks = this.#chunks!;
    const end = chunks.push(bytes, start, (piece) => events.body(piece));
    if (chunks.isDone) this.#end(events);
    return end;
  }

  #end(events: ResponseEvents): void {
    const trailers = this.#chunks?.trailers() ?? [];
    this.#events = undefined;
    this.#chunks = undefined;
    events.end(trailers);
  }
}
