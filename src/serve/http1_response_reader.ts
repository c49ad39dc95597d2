/** Reads the responses that come over a connection, one after another. */

import { ChunkedDecoder } from "./http1_chunked.ts";
import { Http1Error } from "./http1_error.ts";
import { type Framing, framingOf } from "./http1_framing.ts";
import { HeadBuffer } from "./http1_head_buffer.ts";
import { parseResponseHead, type ResponseHead } from "./http1_response_head.ts";

/** Whom a {@linkcode ResponseReader} tells. */
export interface ResponseEvents {
  /** The head of the final response. */
  head(head: ResponseHead): void;
  /** A piece of the body: a view of the bytes that came. */
  body(piece: Uint8Array): void;
  /** The response is complete. */
  end(): void;
}

/** Responses 1xx before the final one, at most. */
const MOST_INTERIM = 32;

/** The state of a connection as its client sees it. */
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

  /** True if something of the response has come. */
  get hasBytes(): boolean {
    return this.#hasBytes;
  }

  /**
   * Expect the response to a request.
   *
   * @param method Method of the request.
   * @param events Whom to tell.
   */
  begin(method: string, events: ResponseEvents): void {
    this.#method = method;
    this.#events = events;
    this.#framing = undefined;
    this.#interim = 0;
    this.#hasBytes = false;
  }

  /**
   * Take bytes.
   *
   * @throws {Http1Error} If they are no response, or more than one.
   */
  push(bytes: Uint8Array): void {
    this.#hasBytes = true;
    let at = 0;
    while (at < bytes.length) {
      const events = this.#events;
      if (events === undefined) throw new Http1Error("bytes that belong to no response");
      at = this.#framing === undefined ? this.#pushHead(bytes, at, events) : this.#pushBody(bytes, at, events);
    }
  }

  /**
   * The connection has ended.
   *
   * @throws {Http1Error} If the response is not complete.
   */
  finish(): void {
    this.#keepsAlive = false;
    const events = this.#events;
    if (events === undefined) return;
    if (this.#framing?.kind !== "close") throw new Http1Error("the end before the response was complete");
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
    if (status === 101) throw new Http1Error("a change of protocol that nobody asked for");
    if (++this.#interim > MOST_INTERIM) throw new Http1Error(`more than ${MOST_INTERIM} interim responses`);
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
    this.#events = undefined;
    this.#chunks = undefined;
    events.end();
  }
}
