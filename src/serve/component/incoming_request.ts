/** A web request as a component gets it. */

import { contentLengthOf, requestTarget } from "../../core/http1/request_head.ts";
import type { ErrorCode } from "../../wasi/p2/http/error_code.ts";
import { Fields } from "../../wasi/p2/http/fields.ts";
import { IncomingBody } from "../../wasi/p2/http/incoming_body.ts";
import { IncomingRequest } from "../../wasi/p2/http/messages.ts";
import { methodOf, schemeOf } from "../../wasi/p2/http/syntax.ts";
import { WebBodySource } from "../../wasi/p2/http/web/body_source.ts";

/** A request for a component. */
export interface ReceivedRequest {
  /** The request. */
  readonly request: IncomingRequest;
  /** No more of its body comes. */
  fail(reason: ErrorCode): void;
}

/**
 * Convert a request.
 *
 * @throws {BadRequestError} If its Host is invalid.
 * @throws {TypeError} If its body was used.
 */
export function incomingRequest(request: Request): ReceivedRequest {
  const { host, path } = requestTarget(request);
  const source = new WebBodySource(request.body, { kind: "request", contentLength: contentLengthOf(request) });
  const head = {
    method: methodOf(request.method),
    pathWithQuery: path,
    scheme: schemeOf(request.url.slice(0, request.url.indexOf(":"))),
    authority: host,
  };
  return {
    request: new IncomingRequest(head, Fields.received(request.headers), new IncomingBody(source)),
    fail: (reason) => source.fail(reason),
  };
}
