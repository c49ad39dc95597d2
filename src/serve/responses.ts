/** Creates the responses that callers receive. */

import { type Field, isHopByHop } from "../core/http1/fields.ts";
import type { ResponseHead } from "../core/http1/response_head.ts";

/** True for a status whose response has no body, whatever the guest sends. */
export function hasNullBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/** True for a status whose response has no content-length or only 0 (RFC 9110 8.6). */
function isWithoutLength(status: number): boolean {
  return status < 200 || status === 204 || status === 205;
}

/** The first of a list of lengths, which are known to be equal (RFC 9112 6.3). */
function oneLength(list: string): string {
  return String(Number(list.split(",", 1)[0]));
}

/**
 * Creates the response to a request from what the guest sent.
 *
 * @throws {Error} If the runtime can't represent it: the status must be 200 to 599.
 */
export function responseOf({ status, reason, fields }: ResponseHead, body: BodyInit | null): Response {
  let connection = "";
  for (const [name, value] of fields) {
    if (name === "connection") connection = connection === "" ? value : `${connection},${value}`;
  }
  const headers: Field[] = [];
  let length: string | undefined;
  for (const field of fields) {
    if (field[0] === "content-length") length = field[1];
    else if (!isHopByHop(field[0], connection)) headers.push(field);
  }
  if (length !== undefined && !isWithoutLength(status)) headers.push(["content-length", oneLength(length)]);
  return new Response(body, { status, statusText: reason, headers });
}

/** The guest's response is missing or invalid. */
export function badGateway(reason: unknown): Response {
  const text = reason instanceof Error ? reason.message : String(reason);
  return plain(502, `Bad gateway: the guest sent no valid HTTP/1.1 response: ${text}\n`);
}

/** The guest has not responded properly. */
export function serverError(reason: string): Response {
  return plain(500, `Internal server error: ${reason}\n`);
}

/** The client's request is invalid. */
export function badRequest(reason: string): Response {
  return plain(400, `Bad request: ${reason}\n`);
}

/** The guest can't be reached. */
export function unavailable(reason: string): Response {
  return plain(503, `Service unavailable: ${reason}\n`);
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
