/** What the interfaces of wasi:http share, for one guest. */

import type { HostFunction } from "../../../component/link/function.ts";
import { ResourceType } from "../../../component/link/resource_type.ts";
import type { WasiHost } from "../../host.ts";
import { type GuestIo, guestIo } from "../io/guest_io.ts";
import { Fields } from "./fields.ts";
import { FutureResponse } from "./future_response.ts";
import { FutureTrailers, IncomingBody } from "./incoming_body.ts";
import {
  type IncomingRequest,
  type IncomingResponse,
  type OutgoingRequest,
  type OutgoingResponse,
  type RequestOptions,
} from "./messages.ts";
import { OutgoingBody } from "./outgoing_body.ts";
import { ResponseOutparam } from "./response_outparam.ts";

/** Resource types of wasi:http: `host.shared(guestHttp)`. */
export function guestHttp(host: WasiHost): GuestHttp {
  return new GuestHttp(host.shared(guestIo));
}

/** Resource types of wasi:http. */
export class GuestHttp {
  readonly fields: ResourceType<Fields> = new ResourceType("fields");
  readonly incomingRequest: ResourceType<IncomingRequest> = new ResourceType(
    "incoming-request",
    (request) => request.close(),
  );
  readonly outgoingRequest: ResourceType<OutgoingRequest> = new ResourceType(
    "outgoing-request",
    (request) => request.close(),
  );
  readonly requestOptions: ResourceType<RequestOptions> = new ResourceType("request-options");
  readonly responseOutparam: ResourceType<ResponseOutparam> = new ResourceType(
    "response-outparam",
    (outparam) => outparam.close(),
  );
  readonly incomingResponse: ResourceType<IncomingResponse> = new ResourceType(
    "incoming-response",
    (response) => response.close(),
  );
  readonly incomingBody: ResourceType<IncomingBody> = new ResourceType(
    "incoming-body",
    (body, dropper) => body.close(dropper),
  );
  readonly futureTrailers: ResourceType<FutureTrailers> = new ResourceType(
    "future-trailers",
    (future) => future.close(),
  );
  readonly outgoingResponse: ResourceType<OutgoingResponse> = new ResourceType(
    "outgoing-response",
    (response) => response.close(),
  );
  readonly outgoingBody: ResourceType<OutgoingBody> = new ResourceType(
    "outgoing-body",
    (body, dropper) => body.close(dropper),
  );
  readonly futureResponse: ResourceType<FutureResponse> = new ResourceType(
    "future-incoming-response",
    (future) => future.close(),
  );
  /** Streams, pollables and errors. */
  readonly io: GuestIo;

  /** @param io Of the guest. */
  constructor(io: GuestIo) {
    this.io = io;
  }
}

/** A `result`, of the JS conventions. */
export type ResultValue =
  | { readonly tag: "ok"; readonly val?: unknown }
  | { readonly tag: "err"; readonly val?: unknown };

/** A successful `result`. @param val Its value, if it has one. */
export function ok(val?: unknown): ResultValue {
  return { tag: "ok", val };
}

/** A failed `result` without a reason. */
export const FAILED: ResultValue = { tag: "err", val: undefined };

/** An object, or {@linkcode FAILED} if there is none. */
export function okOrFailed(object: object | undefined): ResultValue {
  return object === undefined ? FAILED : ok(object);
}

/** Methods of a resource by their names: with `self` as first parameter. */
export type Methods = Readonly<Record<string, readonly [signature: string, call: HostFunction["call"]]>>;

/**
 * Functions of a resource.
 *
 * @param resource Name of the resource.
 * @param methods Their signatures without `self`, and themselves: `["(name: string) -> bool", …]`.
 */
export function methodsOf(resource: string, methods: Methods): Record<string, HostFunction> {
  return Object.fromEntries(
    Object.entries(methods).map(([name, [signature, call]]) => {
      const separator = signature.startsWith("()") ? "" : ", ";
      const type = `func(self: borrow<${resource}>${separator}${signature.slice(1)}`;
      return [`[method]${resource}.${name}`, { type, ...(call === undefined ? {} : { call }) }];
    }),
  );
}
