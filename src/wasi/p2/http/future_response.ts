/** The resource `future-incoming-response`. */

import { Interest, type Pollable } from "../../../contract/pollable.ts";
import type { PollTarget } from "../io/pollable.ts";
import type { ErrorCode } from "./error_code.ts";
import type { IncomingResponse, OutgoingRequest, RequestOptions } from "./messages.ts";

/** What comes of a request. */
export type IncomingResult =
  | { readonly tag: "ok"; readonly val: IncomingResponse }
  | { readonly tag: "err"; readonly val: ErrorCode };

/** A request that was sent, until its response has begun. It goes on whenever it is asked. */
export interface PendingResponse {
  /** Its result; undefined while there is none. */
  result(): IncomingResult | undefined;
  /** What to wait for, and {@linkcode PendingResponse.interest} in it; read after {@linkcode PendingResponse.result}. */
  readonly pollable: Pollable | undefined;
  /** Bits of `Interest`. */
  readonly interest: number;
  /** When there is a result at the latest (ns on the monotonic clock); undefined for no limit. */
  readonly deadlineNs: number | undefined;
  /** Nobody waits for the response any more. Not called after {@linkcode PendingResponse.result} returned one. */
  cancel(): void;
}

/** Sends requests. */
export interface RequestSender {
  /** Send a request. @returns What comes of it, or why it can't be sent. */
  send(request: OutgoingRequest, options: RequestOptions): PendingResponse | ErrorCode;
}

/** A response that may not have arrived. */
export class FutureResponse implements PollTarget {
  readonly #pending: PendingResponse;
  #result: IncomingResult | undefined;
  #isTaken = false;
  #isClosed = false;

  /** @param pending The request. */
  constructor(pending: PendingResponse) {
    this.#pending = pending;
  }

  /** @returns Undefined while there is no result; `"taken"` from the second one on. */
  take(): IncomingResult | "taken" | undefined {
    if (this.#isTaken) return "taken";
    const result = this.#ask();
    if (result !== undefined) this.#isTaken = true;
    return result;
  }

  #ask(): IncomingResult | undefined {
    return this.#result ??= this.#pending.result();
  }

  awaited(): Pollable | undefined {
    return this.#isClosed || this.#ask() !== undefined ? undefined : this.#pending.pollable;
  }

  get interest(): number {
    return this.#result === undefined ? this.#pending.interest : Interest.READ;
  }

  get deadlineNs(): number | undefined {
    return this.#pending.deadlineNs;
  }

  /** The guest has dropped it: the request is cancelled, and a response that was not taken is closed. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#isTaken) return;
    if (this.#result === undefined) this.#pending.cancel();
    else if (this.#result.tag === "ok") this.#result.val.close();
  }
}
