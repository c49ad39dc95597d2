/** Requests that a function of the caller answers, in place of the network. */

import { Interest, type Pollable } from "../../../../contract/pollable.ts";
import { type ErrorCode, internalError } from "../error_code.ts";
import { Fields } from "../fields.ts";
import type { IncomingResult, PendingResponse, RequestSender } from "../future_response.ts";
import { IncomingBody } from "../incoming_body.ts";
import { IncomingResponse, type OutgoingRequest } from "../messages.ts";
import { Notice } from "../notice.ts";
import { methodText } from "../syntax.ts";
import { targetOf } from "../target.ts";
import { WebBodyConsumer } from "./body_consumer.ts";
import { WebBodySource } from "./body_source.ts";

/** Answers requests: `fetch`, or something like it. */
export type Fetch = (request: Request) => Response | Promise<Response>;

/** What a guest can see of a response to it. */
interface StreamingInit extends RequestInit {
  duplex?: "half";
}

/**
 * Sends requests by a function.
 *
 * @param fetch The function.
 * @param nowNs The monotonic clock (ns).
 */
export function fetchSender(fetch: Fetch, nowNs: () => number): RequestSender {
  return {
    send(request, options) {
      const target = targetOf(request);
      if ("tag" in target) return target;
      const { firstByteTimeout } = options;
      const deadlineNs = firstByteTimeout === undefined ? undefined : nowNs() + Number(firstByteTimeout);
      const pending = new PendingFetch(nowNs, deadlineNs);
      const made = webRequest(request, target.url, pending.signal);
      if ("tag" in made) return made;
      pending.start(fetch, made);
      return pending;
    },
  };
}

function webRequest(request: OutgoingRequest, url: string, signal: AbortSignal): Request | ErrorCode {
  const method = methodText(request.method)!;
  const body = request.send();
  const consumer = new WebBodyConsumer();
  body.attach(consumer);
  const init: StreamingInit = { method, headers: request.headers.texts(), signal, redirect: "manual" };
  if (request.hasBody && method !== "GET" && method !== "HEAD") {
    Object.assign(init, { body: consumer.body(), duplex: "half" });
  }
  try {
    return new Request(url, init);
  } catch (error) {
    return internalError((error as Error).message);
  }
}

class PendingFetch implements PendingResponse {
  readonly interest: number = Interest.READ;
  readonly deadlineNs: number | undefined;
  readonly #nowNs: () => number;
  readonly #abort: AbortController = new AbortController();
  readonly #notice: Notice = new Notice();
  #result: IncomingResult | undefined;

  constructor(nowNs: () => number, deadlineNs: number | undefined) {
    this.#nowNs = nowNs;
    this.deadlineNs = deadlineNs;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get pollable(): Pollable {
    return this.#notice;
  }

  start(fetch: Fetch, request: Request): void {
    const answer = async (): Promise<Response> => await fetch(request);
    answer().then(
      (response) => this.#settle({ tag: "ok", val: incomingResponse(response) }),
      (error: unknown) => this.#settle({ tag: "err", val: errorOf(error) }),
    );
  }

  #settle(result: IncomingResult): void {
    if (this.#result === undefined) this.#result = result;
    else if (result.tag === "ok") result.val.close();
    this.#notice.set();
  }

  result(): IncomingResult | undefined {
    if (this.#result === undefined && this.deadlineNs !== undefined && this.#nowNs() >= this.deadlineNs) {
      this.cancel();
      this.#settle({ tag: "err", val: { tag: "HTTP-response-timeout" } });
    }
    return this.#result;
  }

  cancel(): void {
    this.#abort.abort();
  }
}

function incomingResponse(response: Response): IncomingResponse {
  const source = new WebBodySource(response.body, { kind: "response" });
  return new IncomingResponse(response.status, Fields.received(response.headers), new IncomingBody(source));
}

/** An `error-code` is passed on: a caller may throw one, or an error with one as its `payload`. */
function errorOf(error: unknown): ErrorCode {
  const { payload } = error as { readonly payload?: ErrorCode };
  if (typeof payload?.tag === "string") return payload;
  return internalError(error instanceof Error ? error.message : String(error));
}
