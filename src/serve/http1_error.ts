/** What is wrong with a message of HTTP/1.1. */

/** A message that breaks the rules of RFC 9112, or goes beyond a limit. */
export class Http1Error extends Error {
  override readonly name = "Http1Error";
}
