/** Errors of the HTTP/1.1 codec. */

import { printable } from "../../text/printable.ts";

/** A response that violates RFC 9112 or exceeds a limit. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";

  /** @param message The violation; it may quote the guest. */
  constructor(message: string) {
    super(printable(message));
  }
}
