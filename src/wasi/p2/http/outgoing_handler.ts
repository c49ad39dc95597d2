/** `wasi:http/outgoing-handler`. */

import type { HostInterface, WasiHost } from "../../host.ts";
import { socketSender } from "./client/socket_sender.ts";
import { ERROR_CODE_TYPE } from "./error_code.ts";
import { fetchSender } from "./web/fetch_sender.ts";
import { FutureResponse, type RequestSender } from "./future_response.ts";
import { guestHttp, ok } from "./guest_http.ts";
import { type OutgoingRequest, RequestOptions } from "./messages.ts";

/** The interface `wasi:http/outgoing-handler@0.2`. */
export function outgoingHandlerInterface(host: WasiHost): HostInterface {
  const http = host.shared(guestHttp);
  const sender = senderFor(host);
  return {
    functions: {
      handle: {
        type: "func(request: own<outgoing-request>, options: option<own<request-options>>) -> " +
          `result<own<future-incoming-response>, ${ERROR_CODE_TYPE}>`,
        call: ([request, options]) => {
          const result = sender.send(request as OutgoingRequest, (options ?? new RequestOptions()) as RequestOptions);
          return "tag" in result ? { tag: "err", val: result } : ok(new FutureResponse(result));
        },
      },
    },
    resources: {
      "outgoing-request": http.outgoingRequest,
      "request-options": http.requestOptions,
      "future-incoming-response": http.futureResponse,
    },
  };
}

/** Sends the requests of a guest. */
function senderFor(host: WasiHost): RequestSender {
  const { fetch, clock, network, onRefused } = host.guest;
  if (fetch !== undefined) return fetchSender(fetch, () => clock.monotonic());
  if (network !== undefined) return socketSender(host, network);
  return {
    send: (request) => {
      onRefused?.("connect", request.authority ?? "");
      return { tag: "HTTP-request-denied" };
    },
  };
}
