/** The error codes of wasi:http. Source: wasi:http/types@0.2.12, `error-code`. */

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
