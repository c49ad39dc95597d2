/** The functions of `incoming-request`, `outgoing-request` and `request-options`. */

import type { HostFunction } from "../../../component/link/function.ts";
import type { Fields } from "./fields.ts";
import { FAILED, type GuestHttp, methodsOf, ok, okOrFailed, type ResultValue } from "./guest_http.ts";
import { type IncomingRequest, OutgoingRequest, RequestOptions } from "./messages.ts";
import {
  isAuthority,
  isPathWithQuery,
  METHOD_TYPE,
  methodText,
  SCHEME_TYPE,
  schemeText,
  type Tagged,
} from "./syntax.ts";

/** Functions by their names. */
export function requestFunctions({ io }: GuestHttp): Record<string, HostFunction> {
  return {
    ...methodsOf("incoming-request", {
      method: [`() -> ${METHOD_TYPE}`, ([self]) => incoming(self).head.method],
      "path-with-query": ["() -> option<string>", ([self]) => incoming(self).head.pathWithQuery],
      scheme: [`() -> option<${SCHEME_TYPE}>`, ([self]) => incoming(self).head.scheme],
      authority: ["() -> option<string>", ([self]) => incoming(self).head.authority],
      headers: ["() -> own<fields>", ([self]) => incoming(self).headers],
      consume: ["() -> result<own<incoming-body>>", ([self]) => okOrFailed(incoming(self).consume())],
    }),
    "[constructor]outgoing-request": {
      type: "func(headers: own<fields>) -> own<outgoing-request>",
      call: ([headers]) => new OutgoingRequest(headers as Fields, io.pending),
    },
    ...methodsOf("outgoing-request", {
      body: ["() -> result<own<outgoing-body>>", ([self]) => okOrFailed(outgoing(self).body())],
      headers: ["() -> own<fields>", ([self]) => outgoing(self).headers],
      method: [`() -> ${METHOD_TYPE}`, ([self]) => outgoing(self).method],
      "set-method": [`(method: ${METHOD_TYPE}) -> result`, ([self, method]) => {
        return set(methodText(method as Tagged) !== undefined, () => outgoing(self).method = method as Tagged);
      }],
      "path-with-query": ["() -> option<string>", ([self]) => outgoing(self).pathWithQuery],
      "set-path-with-query": ["(path-with-query: option<string>) -> result", ([self, path]) => {
        const text = path as string | undefined;
        return set(text === undefined || isPathWithQuery(text), () => outgoing(self).pathWithQuery = text);
      }],
      scheme: [`() -> option<${SCHEME_TYPE}>`, ([self]) => outgoing(self).scheme],
      "set-scheme": [`(scheme: option<${SCHEME_TYPE}>) -> result`, ([self, scheme]) => {
        const tagged = scheme as Tagged | undefined;
        return set(tagged === undefined || schemeText(tagged) !== undefined, () => outgoing(self).scheme = tagged);
      }],
      authority: ["() -> option<string>", ([self]) => outgoing(self).authority],
      "set-authority": ["(authority: option<string>) -> result", ([self, authority]) => {
        const text = authority as string | undefined;
        return set(text === undefined || isAuthority(text), () => outgoing(self).authority = text);
      }],
    }),
    ...optionFunctions(),
  };
}

function optionFunctions(): Record<string, HostFunction> {
  const timeouts = {
    "connect-timeout": "connectTimeout",
    "first-byte-timeout": "firstByteTimeout",
    "between-bytes-timeout": "betweenBytesTimeout",
  } as const;
  const functions: Record<string, HostFunction> = {
    "[constructor]request-options": {
      type: "func() -> own<request-options>",
      call: () => new RequestOptions(),
    },
  };
  for (const [name, key] of Object.entries(timeouts)) {
    Object.assign(
      functions,
      methodsOf("request-options", {
        [name]: ["() -> option<u64>", ([self]) => (self as RequestOptions)[key]],
        [`set-${name}`]: ["(duration: option<u64>) -> result", ([self, duration]) => {
          return set(true, () => (self as RequestOptions)[key] = duration as bigint | undefined);
        }],
      }),
    );
  }
  return functions;
}

function incoming(self: unknown): IncomingRequest {
  return self as IncomingRequest;
}

function outgoing(self: unknown): OutgoingRequest {
  return self as OutgoingRequest;
}

function set(isValid: boolean, assign: () => void): ResultValue {
  if (!isValid) return FAILED;
  assign();
  return ok();
}
