/** Where a request goes. */

import type { ErrorCode } from "./error_code.ts";
import type { OutgoingRequest } from "./messages.ts";

/** The target of a request. */
export interface Target {
  /** True for TLS. */
  readonly isSecure: boolean;
  /** Host without brackets. */
  readonly host: string;
  /** Port. */
  readonly port: number;
  /** Host and port as the guest gave them: the field `Host`. */
  readonly authority: string;
  /** Path with the query: it begins with a slash. */
  readonly path: string;
  /** The whole URL. */
  readonly url: string;
}

/** The target of a request, or why it has none. */
export function targetOf(request: OutgoingRequest): Target | ErrorCode {
  const { scheme = { tag: "HTTPS" }, authority, pathWithQuery = "/" } = request;
  if (scheme.tag === "other") return { tag: "HTTP-protocol-error" };
  if (authority === undefined || authority === "") return { tag: "HTTP-request-URI-invalid" };
  const isSecure = scheme.tag === "HTTPS";
  const [, name = "", port = ""] = /^(.*?)(?::(\d*))?$/.exec(authority) ?? [];
  const path = pathWithQuery.startsWith("/") ? pathWithQuery : `/${pathWithQuery}`;
  return {
    isSecure,
    host: name.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? isSecure ? 443 : 80 : Number(port),
    authority,
    path,
    url: `${isSecure ? "https" : "http"}://${authority}${path}`,
  };
}
