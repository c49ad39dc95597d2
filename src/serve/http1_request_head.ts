/** The head of a request: its request line and its fields. */

import { type Field, isFieldValue, isHopByHop, isToken } from "./http1_fields.ts";

/** How the body of a request is sent. */
export type RequestFraming =
  /** There is none. */
  | { readonly kind: "none" }
  /** It has so many bytes. */
  | { readonly kind: "length"; readonly length: number }
  /** In chunks. */
  | { readonly kind: "chunked" };

/** Methods for which an absent body is told. */
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** The framing of a request, by its body and its content-length. */
export function requestFraming(request: Request): RequestFraming {
  if (request.body === null) return { kind: "none" };
  const length = request.headers.get("content-length") ?? "";
  if (!/^\d{1,15}$/.test(length)) return { kind: "chunked" };
  return { kind: "length", length: Number(length) };
}

/**
 * Write the head of a request.
 *
 * @param request The request.
 * @param framing How its body is sent.
 * @returns One character for each byte.
 * @throws {TypeError} If something in it can't stand in HTTP/1.1.
 */
export function requestHead(request: Request, framing: RequestFraming): string {
  const { method, headers, url } = request;
  if (!isToken(method)) throw new TypeError(`Cannot send the method "${method}"`);
  let connection = "";
  let host: string | undefined;
  const fields: Field[] = [];
  for (const field of headers) {
    if (field[0] === "connection") connection = field[1];
    else if (field[0] === "host") host = field[1];
    fields.push(field);
  }
  const target = targetOf(url);
  let head = `${method} ${target.path} HTTP/1.1\r\nhost: ${checked("host", host ?? target.host)}\r\n`;
  for (const [name, value] of fields) {
    if (isSent(name, connection)) head += `${name}: ${checked(name, value)}\r\n`;
  }
  return head + framingFields(method, framing) + "\r\n";
}

function isSent(name: string, connection: string): boolean {
  // The server that took the request has answered its `Expect`, if it had to be answered.
  if (name === "host" || name === "content-length" || name === "expect") return false;
  return isToken(name) && !isHopByHop(name, connection);
}

function framingFields(method: string, framing: RequestFraming): string {
  if (framing.kind === "chunked") return "transfer-encoding: chunked\r\n";
  if (framing.kind === "length") return `content-length: ${framing.length}\r\n`;
  return METHODS_WITH_BODY.has(method) ? "content-length: 0\r\n" : "";
}

function checked(name: string, value: string): string {
  if (isFieldValue(value)) return value;
  throw new TypeError(`Cannot send the header field "${name}": its value has control characters`);
}

interface Target {
  readonly host: string;
  readonly path: string;
}

/** A URL of characters that need no care, without user information and fragment. */
const PLAIN_URL = /^https?:\/\/([^\s/?#@\\]+)(\/[!$-~]*)$/;

/** Requests come in great numbers, and most URLs can be cut as they are. */
function targetOf(url: string): Target {
  const plain = PLAIN_URL.exec(url);
  if (plain !== null && !plain[2]!.includes("#")) return { host: plain[1]!, path: plain[2]! };
  const { host, pathname, search } = new URL(url);
  return { host, path: pathname + search };
}
