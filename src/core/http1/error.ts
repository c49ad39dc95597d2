/** Errors of the HTTP/1.1 codec. */

import { printable } from "../../text/printable.ts";

/** What kind of error it is, where that is known: a size that exceeds a limit, or a part that is not supported. */
export type Http1ErrorKind =
  | "header-section-size"
  | "trailer-section-size"
  | "transfer-coding"
  | "incomplete"
  | "upgrade";

/** A response that violates RFC 9112 or exceeds a limit. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
  /** What kind of error it is; undefined for a violation of the protocol. */
  readonly kind: Http1ErrorKind | undefined;

  /**
   * @param message The violation; it may quote the peer.
   * @param kind What kind of error it is.
   */
  constructor(message: string, kind?: Http1ErrorKind) {
    super(printable(message));
    this.kind = kind;
  }
}
