/** The head and the framing of a request. */

import { isHost } from "../../../../core/http1/fields.ts";
import type { ErrorCode } from "../error_code.ts";
import type { OutgoingRequest } from "../messages.ts";
import { methodText } from "../syntax.ts";
import type { Target } from "../target.ts";

/** A request, ready to be sent. */
export interface RequestHead {
  /** The method. */
  readonly method: string;
  /** Request line and fields. */
  readonly bytes: Uint8Array;
  /** True if the body has the chunked coding. */
  readonly isChunked: boolean;
  /** True if it may be sent again: it has no body, and a method that may be repeated (RFC 9110 9.2.2). */
  readonly isRepeatable: boolean;
}

const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);

/** Methods for which an empty body is declared. */
const METHODS_WITH_BODY: ReadonlySet<string> = new Set(["POST", "PUT", "PATCH"]);

/** Write the head of a request, or say why it can't be sent. */
export function requestHead(request: OutgoingRequest, target: Target): RequestHead | ErrorCode {
  const method = methodText(request.method);
  if (method === undefined || method === "CONNECT") return { tag: "HTTP-request-method-invalid" };
  if (!isHost(target.authority)) return { tag: "HTTP-request-URI-invalid" };
  const { hasBody, headers } = request;
  const { contentLength } = request.send();
  if (!hasBody && (contentLength ?? 0) > 0) return { tag: "HTTP-request-body-size", val: 0n };
  if (headers.has("content-length") && contentLength === undefined) return { tag: "HTTP-request-length-required" };
  const isChunked = hasBody && contentLength === undefined;
  let text = `${method} ${target.path} HTTP/1.1\r\nhost: ${target.authority}\r\n`;
  for (const [name, value] of headers.texts()) text += `${name}: ${value}\r\n`;
  if (isChunked) text += "transfer-encoding: chunked\r\n";
  else if (contentLength === undefined && METHODS_WITH_BODY.has(method)) text += "content-length: 0\r\n";
  const bytes = Uint8Array.from(`${text}\r\n`, (char) => char.charCodeAt(0));
  return { method, bytes, isChunked, isRepeatable: !hasBody && IDEMPOTENT.has(method) };
}
