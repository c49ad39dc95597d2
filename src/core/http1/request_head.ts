/** Writes the head of a request: request line and fields. */

import { type Field, isFieldValue, isHopByHop, isHost, isToken } from "./fields.ts";

/** How the body of a request is sent. */
export type RequestFraming =
  /** No body. */
  | { readonly kind: "none" }
  /** A body of a known length. */
  | { readonly kind: "length"; readonly length: number }
  /** The chunked coding. */
  | { readonly kind: "chunked" };

/** A request that is not sent because its client got it wrong. */
export class BadRequestError extends TypeError {}

/** Methods for which an empty body is declared. */
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** The framing of a request, from its body and its content-length. */
export function requestFraming(request: Request): RequestFraming {
  if (request.body === null) return { kind: "none" };
  const length = contentLengthOf(request);
  return length === undefined ? { kind: "chunked" } : { kind: "length", length };
}

/** The content-length of a request; undefined if it has none, or one that is not valid. */
export function contentLengthOf(request: Request): number | undefined {
  const length = request.headers.get("content-length") ?? "";
  return /^\d{1,15}$/.test(length) ? Number(length) : undefined;
}

/**
 * Writes the head of a request.
 *
 * @param request The request.
 * @param framing How its body is sent.
 * @returns The head, one character per byte.
 * @throws {BadRequestError} If its Host is invalid or repeated.
 * @throws {TypeError} If anything else is not valid in HTTP/1.1.
 */
export function requestHead(request: Request, framing: RequestFraming): string {
  const { method, headers } = request;
  if (!isToken(method)) throw new TypeError(`Cannot send the method "${method}"`);
  let connection = "";
  let host: string | undefined;
  const fields: Field[] = [];
  for (const field of headers) {
    if (field[0] === "connection") connection = field[1];
    else if (field[0] === "host") host = field[1];
    fields.push(field);
  }
  const target = targetOf(request);
  let head = `${method} ${target.path} HTTP/1.1\r\nhost: ${checkedHost(host || target.host)}\r\n`;
  for (const [name, value] of fields) {
    if (isSent(name, connection)) head += `${name}: ${checked(name, value)}\r\n`;
  }
  return head + framingFields(method, framing) + "\r\n";
}

function isSent(name: string, connection: string): boolean {
  // The server that accepted the request has handled its `Expect`.
  if (name === "host" || name === "content-length" || name === "expect") return false;
  return isToken(name) && !isHopByHop(name, connection);
}

function framingFields(method: string, framing: RequestFraming): string {
  if (framing.kind === "chunked") return "transfer-encoding: chunked\r\n";
  if (framing.kind === "length") return `content-length: ${framing.length}\r\n`;
  return METHODS_WITH_BODY.has(method) ? "content-length: 0\r\n" : "";
}

/** RFC 9112 3.2: a server rejects a request whose `Host` is invalid or repeated. */
function checkedHost(host: string): string {
  if (isHost(host)) return host;
  throw new BadRequestError(`invalid Host ${JSON.stringify(host)}`);
}

function checked(name: string, value: string): string {
  if (isFieldValue(value)) return value;
  throw new TypeError(`Cannot send the header field "${name}": its value contains control characters`);
}

/** Where a request goes. */
export interface Target {
  /** Host and port: `Host`. */
  readonly host: string;
  /** Path and query. */
  readonly path: string;
}

/**
 * The target of a request that a server has received: its `Host`, or else that of its URL.
 *
 * @throws {BadRequestError} If its Host is invalid or repeated.
 */
export function requestTarget(request: Request): Target {
  const { host, path } = targetOf(request);
  return { host: checkedHost(request.headers.get("host") || host), path };
}

/** A URL that needs no normalisation, without user information and fragment. */
const PLAIN_URL = /^https?:\/\/([^\s/?#@\\]+)(\/[!$-~]*)$/;

/** A fast path for most URLs, which need no parsing. */
function targetOf(request: Request): Target {
  try {
    // Deno builds the URL from the client's Host only here.
    const { url } = request;
    const plain = PLAIN_URL.exec(url);
    if (plain !== null && !plain[2]!.includes("#")) return { host: plain[1]!, path: plain[2]! };
    const { host, pathname, search } = new URL(url);
    return { host, path: pathname + search };
  } catch (error) {
    throw new BadRequestError("its Host and target do not form a valid URL", { cause: error });
  }
}
