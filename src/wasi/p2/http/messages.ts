/** Requests and responses, as a guest has them. */

import type { PendingOutput } from "../../../core/io/pending_output.ts";
import type { Fields } from "./fields.ts";
import type { IncomingBody } from "./incoming_body.ts";
import { type BodyKind, OutgoingBody } from "./outgoing_body.ts";
import type { Tagged } from "./syntax.ts";

/** A message that the guest receives. */
class IncomingMessage {
  /** Its headers: immutable. */
  readonly headers: Fields;
  #body: IncomingBody | undefined;

  /**
   * @param headers Its headers.
   * @param body Its body.
   */
  constructor(headers: Fields, body: IncomingBody) {
    this.headers = headers;
    this.#body = body;
  }

  /** Its body, which is the caller's then: undefined from the second call on. */
  consume(): IncomingBody | undefined {
    const body = this.#body;
    this.#body = undefined;
    return body;
  }

  /** The guest has dropped it: nobody reads a body that was not consumed. */
  close(): void {
    this.consume()?.close(undefined);
  }
}

/** Parts of an {@linkcode IncomingRequest}. */
export interface RequestHead {
  /** The method. */
  readonly method: Tagged;
  /** The path with the query; undefined if there is none. */
  readonly pathWithQuery: string | undefined;
  /** The scheme; undefined if it is unknown. */
  readonly scheme: Tagged | undefined;
  /** Host and port; undefined if they are unknown. */
  readonly authority: string | undefined;
}

/** The resource `incoming-request`. */
export class IncomingRequest extends IncomingMessage {
  /** Method and target. */
  readonly head: RequestHead;

  /**
   * @param head Method and target.
   * @param headers Its headers.
   * @param body Its body.
   */
  constructor(head: RequestHead, headers: Fields, body: IncomingBody) {
    super(headers, body);
    this.head = head;
  }
}

/** The resource `incoming-response`. */
export class IncomingResponse extends IncomingMessage {
  /** The status code. */
  readonly status: number;

  /**
   * @param status The status code.
   * @param headers Its headers.
   * @param body Its body.
   */
  constructor(status: number, headers: Fields, body: IncomingBody) {
    super(headers, body);
    this.status = status;
  }
}

/** A message that the guest makes. */
class OutgoingMessage {
  /** Its headers: immutable, because the message has been made with them. */
  readonly headers: Fields;
  readonly #body: OutgoingBody;
  #isTaken = false;
  #isSent = false;

  /**
   * @param kind What it is.
   * @param headers Its headers.
   * @param pending Queued output of the guest.
   */
  constructor(kind: BodyKind, headers: Fields, pending: PendingOutput) {
    this.headers = headers.freeze();
    this.#body = new OutgoingBody(kind, headers, pending);
  }

  /** True if the guest has asked for its body. */
  get hasBody(): boolean {
    return this.#isTaken;
  }

  /** Its body, for the guest: undefined from the second call on. */
  body(): OutgoingBody | undefined {
    if (this.#isTaken) return undefined;
    this.#isTaken = true;
    return this.#body;
  }

  /** Its body, for whoever sends the message: complete if the guest has not asked for it. */
  send(): OutgoingBody {
    this.#isSent = true;
    if (!this.#isTaken) this.#body.finishEmpty();
    return this.#body;
  }

  /** The guest has dropped it. A body outlives a message that was sent. */
  close(): void {
    if (!this.#isSent && !this.#isTaken) this.#body.close(undefined);
  }
}

/** The resource `outgoing-request`. */
export class OutgoingRequest extends OutgoingMessage {
  /** The method. */
  method: Tagged = { tag: "get" };
  /** The path with the query; undefined for none. */
  pathWithQuery: string | undefined;
  /** The scheme; undefined for the default. */
  scheme: Tagged | undefined;
  /** Host and port; undefined if they were not set. */
  authority: string | undefined;

  /**
   * @param headers Its headers.
   * @param pending Queued output of the guest.
   */
  constructor(headers: Fields, pending: PendingOutput) {
    super("request", headers, pending);
  }
}

/** The resource `outgoing-response`. */
export class OutgoingResponse extends OutgoingMessage {
  /** The status code. */
  status = 200;

  /**
   * @param headers Its headers.
   * @param pending Queued output of the guest.
   */
  constructor(headers: Fields, pending: PendingOutput) {
    super("response", headers, pending);
  }
}

/** The resource `request-options`: timeouts (ns), undefined for none. */
export class RequestOptions {
  connectTimeout: bigint | undefined;
  firstByteTimeout: bigint | undefined;
  betweenBytesTimeout: bigint | undefined;
}
