/** How the end of a response's body is determined (RFC 9112 6.3). */

import { Http1Error } from "./error.ts";
import { listHas } from "./fields.ts";
import type { ResponseHead } from "./response_head.ts";

/** How a body ends, and whether the connection persists. */
export interface Framing {
  /** `none`: no body; `close`: up to the end of the connection. */
  readonly kind: "none" | "length" | "chunked" | "close";
  /** Size of the body, for `length`. */
  readonly length: number;
  /** True if another request may follow on the connection. */
  readonly keepsAlive: boolean;
}

/**
 * Determines how the body of a response ends.
 *
 * @param head The response.
 * @param method Method of the request.
 * @throws {Http1Error} If the head contradicts itself.
 */
export function framingOf(head: ResponseHead, method: string): Framing {
  let coding: string | undefined;
  let length: number | undefined;
  let connection = "";
  for (const [name, value] of head.fields) {
    if (name === "transfer-encoding") coding = coding === undefined ? value : `${coding}, ${value}`;
    else if (name === "content-length") length = contentLength(value, length);
    else if (name === "connection") connection += `,${value}`;
  }
  checkCoding(coding, length, head);
  const keepsAlive = head.minorVersion === 0 ? listHas(connection, "keep-alive") : !listHas(connection, "close");
  if (method === "HEAD" || head.status < 200 || head.status === 204 || head.status === 304) {
    return { kind: "none", length: 0, keepsAlive };
  }
  if (coding !== undefined) return { kind: "chunked", length: 0, keepsAlive };
  if (length === undefined) return { kind: "close", length: 0, keepsAlive: false };
  return { kind: length === 0 ? "none" : "length", length, keepsAlive };
}

function contentLength(value: string, earlier: number | undefined): number {
  let length = earlier;
  for (const item of value.split(",")) {
    const digits = item.trim();
    const number = /^\d{1,16}$/.test(digits) ? Number(digits) : NaN;
    if (!Number.isSafeInteger(number)) throw new Http1Error(`invalid content-length "${value}"`);
    if (length !== undefined && number !== length) throw new Http1Error("conflicting content-length values");
    length = number;
  }
  return length!;
}

function checkCoding(coding: string | undefined, length: number | undefined, { minorVersion }: ResponseHead): void {
  if (coding === undefined) return;
  if (coding.toLowerCase() !== "chunked") {
    throw new Http1Error(`unsupported transfer-encoding "${coding}"`, "transfer-coding");
  }
  if (length !== undefined) throw new Http1Error("both transfer-encoding and content-length");
  if (minorVersion === 0) throw new Http1Error("transfer-encoding in an HTTP/1.0 response");
}
