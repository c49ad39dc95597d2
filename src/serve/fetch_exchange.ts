/** One exchange of a `Request` for a `Response`. */

import type { ConnectionPool } from "./connection_pool.ts";
import type { Exchange, GuestConnection } from "./guest_connection.ts";
import { BadRequestError, type RequestFraming, requestFraming, requestHead } from "../core/http1/request_head.ts";
import type { ResponseHead } from "../core/http1/response_head.ts";
import { joinedBytes } from "../core/io/joined_bytes.ts";
import { RequestBody } from "./request_body.ts";
import { badGateway, badRequest, hasNullBody, responseOf, unavailable } from "./responses.ts";

/** Methods that may be repeated (RFC 9110 9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE"]);

/** Limit on unread bytes of a response; the network buffers more. */
const READ_AHEAD: QueuingStrategy<Uint8Array> = {
  highWaterMark: 64 * 1024,
  size: (piece) => piece.byteLength,
};

/** Sends a request to the guest over a connection of the pool. */
export function fetchThrough(pool: ConnectionPool, request: Request): Promise<Response> {
  return new Promise((resolve, reject) => {
    request.signal.throwIfAborted();
    try {
      pool.submit(new FetchExchange(request, pool, resolve, reject));
    } catch (error) {
      if (!(error instanceof BadRequestError)) throw error;
      resolve(badRequest(error.message));
    }
  });
}

class FetchExchange implements Exchange, EventListenerObject {
  readonly #request: Request;
  readonly #pool: ConnectionPool;
  readonly #resolve: (response: Response) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #framing: RequestFraming;
  readonly #requestHead: string;
  #connection: GuestConnection | undefined;
  readonly #requestBody: RequestBody | undefined;
  #head: ResponseHead | undefined;
  /** Parts of the body that arrived before the response was created. */
  #pieces: Uint8Array[] = [];
  #source: ReadableStreamDefaultController<Uint8Array> | undefined;
  #isAnswered = false;
  #isComplete = false;
  #isOver = false;
  #wasRetried = false;

  /**
   * @param request The request to send.
   * @param pool Provides connections.
   * @param resolve Receives the response.
   * @param reject Receives the reason why there is none.
   * @throws {BadRequestError} If its Host is invalid.
   * @throws {TypeError} If the request can't be sent, or its body was used.
   */
  constructor(
    request: Request,
    pool: ConnectionPool,
    resolve: (response: Response) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#request = request;
    this.#pool = pool;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#framing = requestFraming(request);
    this.#requestHead = requestHead(request, this.#framing);
    this.#requestBody = request.body === null ? undefined : new RequestBody(request.body, this.#framing);
    request.signal.addEventListener("abort", this);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  start(connection: GuestConnection): void {
    this.#connection = connection;
    connection.sendHead(this.#request.method, this.#requestHead);
    this.#requestBody?.send(connection).catch((error: unknown) => this.#fail(error));
  }

  head(head: ResponseHead): void {
    this.#head = head;
  }

  body(piece: Uint8Array): void {
    if (this.#source !== undefined) this.#source.enqueue(piece);
    else if (!this.#isAnswered) this.#pieces.push(piece);
  }

  end(): void {
    this.#isComplete = true;
  }

  flush(): void {
    if (this.#isOver || this.#head === undefined) return;
    if (!this.#isAnswered && !this.#answer(this.#head)) return;
    if (this.#isComplete) this.#finish();
    else if (this.#source !== undefined && this.#source.desiredSize! <= 0) this.#connection!.pause();
  }

  /** @returns False if the runtime can't represent the response. */
  #answer(head: ResponseHead): boolean {
    try {
      const response = responseOf(head, this.#responseBody(head));
      this.#isAnswered = true;
      this.#resolve(response);
      return true;
    } catch (error) {
      this.#resolve(badGateway(error));
      this.#cancel();
      return false;
    }
  }

  #responseBody(head: ResponseHead): BodyInit | null {
    const pieces = this.#pieces;
    this.#pieces = [];
    if (hasNullBody(head.status) || this.#request.method === "HEAD") return null;
    if (this.#isComplete) return joinedBytes(pieces);
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#source = controller;
        for (const piece of pieces) controller.enqueue(piece);
      },
      pull: () => {
        if (!this.#isOver) this.#connection!.resume();
      },
      cancel: () => this.#cancel(),
    }, READ_AHEAD);
  }

  /** The response is complete. */
  #finish(): void {
    const connection = this.#connection!;
    this.#source?.close();
    const isSent = this.#requestBody?.isSent ?? true;
    this.#endRequest(isSent ? undefined : new Error("The guest responded before it read the whole request body"));
    if (isSent && connection.release()) this.#pool.released(connection);
    else connection.close();
  }

  #endRequest(reason: unknown): void {
    this.#isOver = true;
    this.#request.signal.removeEventListener("abort", this);
    this.#requestBody?.cancel(reason);
  }

  lost(reason: Error): void {
    if (this.#isOver) return;
    if (this.#isComplete) return this.flush();
    if (this.#mayRetry()) return this.#retry();
    if (this.#isAnswered) this.#source?.error(new Error(`The guest's response was interrupted: ${reason.message}`));
    else this.#resolve(badGateway(reason));
    this.#endRequest(reason);
  }

  /** The guest may close an idle connection just when it is reused. */
  #mayRetry(): boolean {
    const connection = this.#connection!;
    return connection.isReused && !connection.hasResponse && !this.#wasRetried && this.#framing.kind === "none" &&
      IDEMPOTENT.has(this.#request.method);
  }

  #retry(): void {
    this.#wasRetried = true;
    this.#connection = undefined;
    this.#pool.submit(this);
  }

  refused(reason: string): void {
    if (this.#isOver) return;
    this.#resolve(unavailable(reason));
    this.#endRequest(new Error(reason));
  }

  /** The signal of the request was aborted. */
  handleEvent(): void {
    this.#fail(this.#request.signal.reason);
  }

  /** The request failed on the caller's side. */
  #fail(reason: unknown): void {
    if (this.#isOver) return;
    if (this.#isAnswered) this.#failBody(reason);
    else this.#reject(reason);
    this.#endRequest(reason);
    this.#connection?.close();
  }

  /**
   * Deferred, because a server whose client is gone cancels the body itself; Deno logs an error if it fails before
   * that.
   */
  #failBody(reason: unknown): void {
    setTimeout(() => this.#source?.error(reason), 0);
  }

  /** Nobody reads the response any more. */
  #cancel(): void {
    if (this.#isOver) return;
    this.#endRequest(new Error("The response was cancelled"));
    this.#connection!.close();
  }
}
