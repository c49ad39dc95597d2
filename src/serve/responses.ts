/** Makes the responses that callers get. */

import { type Field, isHopByHop } from "./http1_fields.ts";
import type { ResponseHead } from "./http1_response_head.ts";

/** @returns True for a status whose response has no body, whatever the guest sends. */
export function hasNullBody(status: number): boolean {
  return status === 204 || status === 205 || status === 304;
}

/**
 * Make a response of what the guest sent.
 *
 * @throws {Error} If the runtime has no such response: its status is to be 200 to 599.
 */
export function responseOf({ status, reason, fields }: ResponseHead, body: BodyInit | null): Response {
  let connection = "";
  for (const [name, value] of fields) {
    if (name === "connection") connection = connection === "" ? value : `${connection},${value}`;
  }
  const headers: Field[] = [];
  for (const field of fields) {
    if (!isHopByHop(field[0], connection)) headers.push(field);
  }
  return new Response(body, { status, statusText: reason, headers });
}

/** The guest's response is none. */
export function badGateway(reason: unknown): Response {
  const text = reason instanceof Error ? reason.message : String(reason);
  return plain(502, `Bad gateway: the guest did not answer as HTTP/1.1 has it: ${text}\n`);
}

/** The guest can't be asked. */
export function unavailable(reason: string): Response {
  return plain(503, `Service unavailable: ${reason}\n`);
}

function plain(status: number, text: string): Response {
  return new Response(text, { status, headers: { "content-type": "text/plain; charset=utf-8" } });
}
