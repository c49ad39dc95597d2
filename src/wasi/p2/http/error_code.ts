/** The error codes of wasi:http. Source: wasi:http/types@0.2.12, `error-code`. */

import { Http1Error } from "../../../core/http1/error.ts";
import { Errno } from "../../../witx/errno.ts";

/** An `error-code`, of the JS conventions. */
export interface ErrorCode {
  /** Name of the case. */
  readonly tag: string;
  /** Its payload, if the case has one. */
  readonly val?: unknown;
}

const FIELD_SIZE = "record{field-name: option<string>, field-size: option<u32>}";

/** Canonical text of `error-code`. */
export const ERROR_CODE_TYPE: string = `variant{${
  [
    "DNS-timeout",
    "DNS-error(record{rcode: option<string>, info-code: option<u16>})",
    "destination-not-found",
    "destination-unavailable",
    "destination-IP-prohibited",
    "destination-IP-unroutable",
    "connection-refused",
    "connection-terminated",
    "connection-timeout",
    "connection-read-timeout",
    "connection-write-timeout",
    "connection-limit-reached",
    "TLS-protocol-error",
    "TLS-certificate-error",
    "TLS-alert-received(record{alert-id: option<u8>, alert-message: option<string>})",
    "HTTP-request-denied",
    "HTTP-request-length-required",
    "HTTP-request-body-size(option<u64>)",
    "HTTP-request-method-invalid",
    "HTTP-request-URI-invalid",
    "HTTP-request-URI-too-long",
    "HTTP-request-header-section-size(option<u32>)",
    `HTTP-request-header-size(option<${FIELD_SIZE}>)`,
    "HTTP-request-trailer-section-size(option<u32>)",
    `HTTP-request-trailer-size(${FIELD_SIZE})`,
    "HTTP-response-incomplete",
    "HTTP-response-header-section-size(option<u32>)",
    `HTTP-response-header-size(${FIELD_SIZE})`,
    "HTTP-response-body-size(option<u64>)",
    "HTTP-response-trailer-section-size(option<u32>)",
    `HTTP-response-trailer-size(${FIELD_SIZE})`,
    "HTTP-response-transfer-coding(option<string>)",
    "HTTP-response-content-coding(option<string>)",
    "HTTP-response-timeout",
    "HTTP-upgrade-failed",
    "HTTP-protocol-error",
    "loop-detected",
    "configuration-error",
    "internal-error(option<string>)",
  ].join(", ")
}}`;

/** A failure that no other code is for. @param text What happened, for people. */
export function internalError(text: string): ErrorCode {
  return { tag: "internal-error", val: text };
}

const CONNECT_CODES: ReadonlyMap<Errno, string> = new Map<Errno, string>([
  [Errno.ACCES, "destination-IP-prohibited"],
  [Errno.PERM, "destination-IP-prohibited"],
  [Errno.NOTCAPABLE, "destination-IP-prohibited"],
  [Errno.CONNREFUSED, "connection-refused"],
  [Errno.TIMEDOUT, "connection-timeout"],
  [Errno.HOSTUNREACH, "destination-IP-unroutable"],
  [Errno.NETUNREACH, "destination-IP-unroutable"],
  [Errno.NETDOWN, "destination-IP-unroutable"],
  [Errno.ADDRNOTAVAIL, "destination-unavailable"],
  [Errno.MFILE, "connection-limit-reached"],
  [Errno.NFILE, "connection-limit-reached"],
]);

/** Why there is no connection. @param result Minus an errno. */
export function connectError(result: number): ErrorCode {
  const tag = CONNECT_CODES.get(-result as Errno);
  return tag === undefined ? { tag: "connection-terminated" } : { tag };
}

/** Why a name has no address. @param result Minus an errno, as `GuestLookup.finish` returns it. */
export function lookupError(result: number): ErrorCode {
  switch (-result) {
    case Errno.TIMEDOUT:
      return { tag: "DNS-timeout" };
    case Errno.NOENT:
      return { tag: "DNS-error", val: { rcode: "NXDOMAIN", infoCode: undefined } };
    case Errno.AGAIN:
      return { tag: "DNS-error", val: { rcode: "SERVFAIL", infoCode: undefined } };
    case Errno.ACCES:
    case Errno.PERM:
      return { tag: "HTTP-request-denied" };
    default:
      return { tag: "DNS-error", val: { rcode: undefined, infoCode: undefined } };
  }
}

/** Why a response is not valid. @param error What the parser threw. @throws It, if it is no {@linkcode Http1Error}. */
export function protocolError(error: unknown): ErrorCode {
  if (!(error instanceof Http1Error)) throw error;
  switch (error.kind) {
    case "header-section-size":
    case "trailer-section-size":
      return { tag: `HTTP-response-${error.kind}`, val: undefined };
    case "transfer-coding":
      return { tag: "HTTP-response-transfer-coding", val: undefined };
    case "incomplete":
      return { tag: "HTTP-response-incomplete" };
    case "upgrade":
      return { tag: "HTTP-upgrade-failed" };
    default:
      return { tag: "HTTP-protocol-error" };
  }
}
