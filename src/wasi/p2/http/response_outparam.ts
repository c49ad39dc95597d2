/** The resource `response-outparam`. */

import { type ErrorCode, internalError } from "./error_code.ts";
import type { OutgoingResponse } from "./messages.ts";

/** What the guest answers. */
export type OutgoingResult =
  | { readonly tag: "ok"; readonly val: OutgoingResponse }
  | { readonly tag: "err"; readonly val: ErrorCode };

/** Gets the response to a request, once. */
export class ResponseOutparam {
  readonly #respond: (result: OutgoingResult) => void;
  #isSet = false;

  /** @param respond Gets the response, or why there is none. */
  constructor(respond: (result: OutgoingResult) => void) {
    this.#respond = respond;
  }

  /** The guest responds. Its handle is gone with this call. */
  set(result: OutgoingResult): void {
    this.#isSet = true;
    this.#respond(result);
  }

  /** The guest has dropped it, or has ended. */
  close(): void {
    if (!this.#isSet) this.set({ tag: "err", val: internalError("the guest has not set the response") });
  }
}
