/** One request to an instance of a component, and its response. */

import type { OpenedComponent } from "../../runtime/component/opened_component.ts";
import type { BodyConsumer } from "../../wasi/p2/http/body_sink.ts";
import type { ErrorCode } from "../../wasi/p2/http/error_code.ts";
import type { OutgoingResponse } from "../../wasi/p2/http/messages.ts";
import { type OutgoingResult, ResponseOutparam } from "../../wasi/p2/http/response_outparam.ts";
import { WebBodyConsumer } from "../../wasi/p2/http/web/body_consumer.ts";
import { hasNullBody, responseOf, serverError } from "../responses.ts";
import { incomingRequest, type ReceivedRequest } from "./incoming_request.ts";

const HANDLER = "wasi:http/incoming-handler";

/** Passes a request to an instance. */
export class ComponentExchange implements EventListenerObject {
  /** The response; rejects with the reason of the request's signal. */
  readonly response: Promise<Response>;
  readonly #request: Request;
  readonly #received: ReceivedRequest;
  readonly #onGone: () => void;
  readonly #body: WebBodyConsumer = new WebBodyConsumer((reason) => this.#bodyIsOver(reason));
  #resolve!: (response: Response) => void;
  #reject!: (reason: unknown) => void;
  #isAnswered = false;
  #isGone = false;
  #component: OpenedComponent | undefined;

  /**
   * @param request The request.
   * @param onGone Called if the client goes away before it has the whole response.
   * @throws {BadRequestError} If its Host is invalid.
   * @throws {TypeError} If its body was used.
   */
  constructor(request: Request, onGone: () => void) {
    this.#request = request;
    this.#onGone = onGone;
    this.#received = incomingRequest(request);
    this.response = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    request.signal.addEventListener("abort", this);
  }

  /**
   * Let an instance handle it. Resolves once the instance has nothing left to do for it.
   *
   * @throws What ended the instance, if something did.
   */
  async run(component: OpenedComponent): Promise<void> {
    this.#component = component;
    const outparam = new ResponseOutparam((result) => this.#respond(result));
    await component.callExported(HANDLER, "handle", [this.#received.request, outparam]);
    await component.flushed();
    outparam.close();
  }

  /** The guest responds. What it writes before it returns or waits is sent with the head. */
  #respond(result: OutgoingResult): void {
    if (result.tag === "err") return this.#answer(serverError(result.val.tag));
    const outgoing = result.val;
    const body = outgoing.send();
    const isBodiless = hasNullBody(outgoing.status) || this.#request.method === "HEAD";
    if (isBodiless) this.#answer(this.#webResponse(outgoing, null));
    else if (isLengthMissing(outgoing)) {
      return this.#answer(serverError("the response has a content-length and no body"));
    }
    body.attach(isBodiless ? new Discarded(() => this.#end()) : this.#body);
    if (!isBodiless) queueMicrotask(() => this.#answerWithBody(outgoing));
  }

  #answerWithBody(outgoing: OutgoingResponse): void {
    // What has ended the guest since then decides about the response.
    if (this.#isAnswered || this.#component?.hasEnded === true) return;
    const { failure } = this.#body;
    this.#answer(
      failure === undefined ? this.#webResponse(outgoing, this.#body.body()) : serverError(failure.tag),
    );
  }

  #webResponse({ status, headers }: OutgoingResponse, body: BodyInit | null): Response {
    const fields = headers.texts().map(([name, value]): [string, string] => [name.toLowerCase(), value]);
    try {
      return responseOf({ minorVersion: 1, status, reason: "", fields }, body);
    } catch (error) {
      this.#body.cancel();
      return serverError((error as Error).message);
    }
  }

  #answer(response: Response): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#resolve(response);
  }

  #bodyIsOver(reason: "finished" | "aborted" | "cancelled"): void {
    this.#end();
    if (reason === "cancelled") this.#gone();
  }

  #end(): void {
    this.#request.signal.removeEventListener("abort", this);
  }

  /** True once nobody waits for the response. */
  get isGone(): boolean {
    return this.#isGone;
  }

  #gone(): void {
    this.#isGone = true;
    this.#received.fail({ tag: "connection-terminated" });
    this.#onGone();
  }

  /** The signal of the request was aborted. */
  handleEvent(): void {
    this.#end();
    this.#isAnswered = true;
    this.#reject(this.#request.signal.reason);
    this.#body.breakOff();
    this.#gone();
  }

  /** The instance has failed, or was never there: respond, or break off the response. */
  fail(response: Response): void {
    this.#end();
    this.#answer(response);
    this.#body.abort({ tag: "HTTP-response-incomplete" });
    this.#received.fail({ tag: "connection-terminated" });
  }

  /** The instance has handled it: nobody reads the request any more, and nobody completes the response. */
  done(): void {
    this.#body.abort({ tag: "HTTP-response-incomplete" });
    this.#received.fail({ tag: "connection-terminated" });
  }
}

/** A body that the guest has not asked for can't have the length that its head declares. */
function isLengthMissing(outgoing: OutgoingResponse): boolean {
  return !outgoing.hasBody && (outgoing.send().contentLength ?? 0) > 0;
}

/** Takes the body of a response that must have none. */
class Discarded implements BodyConsumer {
  readonly pollable = undefined;
  readonly failure: ErrorCode | undefined = undefined;
  readonly #onOver: () => void;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  write(_bytes: Uint8Array, _start: number, length: number): number {
    return length;
  }

  finish(): void {
    this.#onOver();
  }

  abort(): void {
    this.#onOver();
  }
}
