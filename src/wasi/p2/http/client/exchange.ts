/** One request over the network, and its response. It goes on whenever it is asked, so that it needs no event loop. */

import type { PlatformClock } from "../../../../contract/platform.ts";
import { Interest, type Pollable } from "../../../../contract/pollable.ts";
import type { PendingOutput } from "../../../../core/io/pending_output.ts";
import { type ErrorCode, internalError } from "../error_code.ts";
import { Fields } from "../fields.ts";
import type { IncomingResult, PendingResponse } from "../future_response.ts";
import { IncomingBody } from "../incoming_body.ts";
import { IncomingResponse, type RequestOptions } from "../messages.ts";
import type { OutgoingBody } from "../outgoing_body.ts";
import { HttpConnection, type IdleConnections } from "./http_connection.ts";
import type { RequestHead } from "./request_head.ts";
import { RequestWriter, type WriterOwner } from "./request_writer.ts";
import { ResponseSource } from "./response_source.ts";
import type { Transport } from "./transport.ts";

/** Opens a connection. It goes on whenever it is asked. */
export interface Connector {
  /** @returns The connection, or why there is none; undefined while there is neither. */
  advance(): Transport | ErrorCode | undefined;
  /** What to wait for, in whatever direction. */
  readonly pollable: Pollable | undefined;
  /** Nobody wants the connection any more. */
  cancel(): void;
}

/** What all exchanges of a guest share. */
export interface ExchangeScope {
  /** The clock. */
  readonly clock: PlatformClock;
  /** Queued output. */
  readonly pending: PendingOutput;
  /** Connections to be used again. */
  readonly idle: IdleConnections;
}

/** Parts of a request. */
export interface ExchangeRequest {
  /** The head. */
  readonly head: RequestHead;
  /** The body. */
  readonly body: OutgoingBody;
  /** Timeouts. */
  readonly options: RequestOptions;
  /** Where connections lead that may be used. */
  readonly key: string;
  /** Opens a new one. */
  connect(): Connector;
}

/** Sends a request, and receives the head of its response. */
export class ClientExchange implements PendingResponse, WriterOwner {
  readonly interest: number = Interest.READ;
  readonly #scope: ExchangeScope;
  readonly #request: ExchangeRequest;
  readonly #writer: RequestWriter;
  #connector: Connector | undefined;
  #connection: HttpConnection | undefined;
  #source: ResponseSource | undefined;
  #deadlineNs: number | undefined;
  #result: IncomingResult | undefined;

  /**
   * @param scope What all exchanges share.
   * @param request The request.
   */
  constructor(scope: ExchangeScope, request: ExchangeRequest) {
    this.#scope = scope;
    this.#request = request;
    this.#writer = new RequestWriter(this, request.head, scope.pending);
    const idle = scope.idle.take(request.key);
    if (idle === undefined) this.#dial();
    else this.#open(idle);
    request.body.attach(this.#writer);
    this.connect();
    this.#writer.flush();
  }

  #dial(): void {
    this.#connector = this.#request.connect();
    this.#deadlineNs = this.#after(this.#request.options.connectTimeout);
  }

  #after(timeoutNs: bigint | undefined): number | undefined {
    return timeoutNs === undefined ? undefined : this.#scope.clock.monotonic() + Number(timeoutNs);
  }

  #isLate(): boolean {
    return this.#deadlineNs !== undefined && this.#scope.clock.monotonic() >= this.#deadlineNs;
  }

  connect(): void {
    if (this.#connector === undefined || this.#result !== undefined) return;
    const connected = this.#connector.advance();
    if (connected === undefined) {
      if (this.#isLate()) this.#fail({ tag: "connection-timeout" });
      return;
    }
    this.#connector = undefined;
    if ("tag" in connected) this.#fail(connected);
    else this.#open(new HttpConnection(connected));
  }

  get connecting(): Pollable | undefined {
    return this.#connector?.pollable;
  }

  #open(connection: HttpConnection): void {
    const { head, options } = this.#request;
    const { betweenBytesTimeout, firstByteTimeout } = options;
    this.#connection = connection;
    this.#deadlineNs = this.#after(firstByteTimeout);
    this.#source = new ResponseSource({
      connection,
      method: head.method,
      betweenBytesNs: betweenBytesTimeout === undefined ? undefined : Number(betweenBytesTimeout),
      clock: this.#scope.clock,
      onEnd: (isComplete) => this.#ended(connection, isComplete),
    });
    this.#writer.open(connection.transport);
  }

  #ended(connection: HttpConnection, isComplete: boolean): void {
    const mayGoOn = isComplete && this.#writer.isDone && connection.reader.keepsAlive;
    if (mayGoOn) {
      this.#scope.idle.add(this.#request.key, connection);
      return;
    }
    connection.close();
    if (!this.#writer.isDone) this.#writer.fail({ tag: "connection-terminated" });
  }

  result(): IncomingResult | undefined {
    if (this.#result !== undefined) return this.#result;
    this.connect();
    this.#writer.flush();
    const source = this.#source;
    if (source === undefined || this.#result !== undefined) return this.#result;
    const head = source.receiveHead();
    if (head !== undefined) {
      const body = new IncomingBody(source);
      const response = new IncomingResponse(head.status, Fields.received(head.fields), body);
      return this.#result = { tag: "ok", val: response };
    }
    if (source.failure !== undefined) this.#retryOrFail(source.failure);
    else if (this.#isLate()) this.#fail({ tag: "connection-read-timeout" });
    return this.#result;
  }

  /** A server may close an idle connection just when it is used again. */
  #retryOrFail(reason: ErrorCode): void {
    const { isReused, reader } = this.#connection!;
    if (!isReused || reader.hasBytes || !this.#request.head.isRepeatable) return this.#fail(reason);
    this.#source = undefined;
    this.#connection = undefined;
    this.#writer.restart();
    this.#dial();
    this.connect();
  }

  get pollable(): Pollable | undefined {
    return this.#connection === undefined ? this.#connector?.pollable : this.#connection.transport.pollable;
  }

  get deadlineNs(): number | undefined {
    return this.#result === undefined ? this.#deadlineNs : undefined;
  }

  aborted(reason: ErrorCode): void {
    this.#fail(reason);
  }

  cancel(): void {
    this.#fail(internalError("the request was cancelled"));
  }

  #fail(reason: ErrorCode): void {
    this.#result ??= { tag: "err", val: reason };
    this.#connector?.cancel();
    this.#connector = undefined;
    this.#writer.fail(reason);
    this.#source?.fail(reason);
    this.#connection?.close();
  }
}
