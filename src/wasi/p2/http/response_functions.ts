/** The functions of responses, and of what a response is given to. */

import type { HostFunction } from "../../../component/link/function.ts";
import { ERROR_CODE_TYPE, internalError } from "./error_code.ts";
import type { Fields } from "./fields.ts";
import type { FutureResponse } from "./future_response.ts";
import { FAILED, type GuestHttp, methodsOf, ok, okOrFailed } from "./guest_http.ts";
import { type IncomingResponse, OutgoingResponse } from "./messages.ts";
import type { OutgoingResult, ResponseOutparam } from "./response_outparam.ts";
import { subscribeFunction } from "./subscribe.ts";

const INFORMATIONAL = "informational responses are not supported";

/** Functions by their names. */
export function responseFunctions({ io, futureResponse }: GuestHttp): Record<string, HostFunction> {
  return {
    ...methodsOf("incoming-response", {
      status: ["() -> u16", ([self]) => (self as IncomingResponse).status],
      headers: ["() -> own<fields>", ([self]) => (self as IncomingResponse).headers],
      consume: ["() -> result<own<incoming-body>>", ([self]) => okOrFailed((self as IncomingResponse).consume())],
    }),
    "[constructor]outgoing-response": {
      type: "func(headers: own<fields>) -> own<outgoing-response>",
      call: ([headers]) => new OutgoingResponse(headers as Fields, io.pending),
    },
    ...methodsOf("outgoing-response", {
      "status-code": ["() -> u16", ([self]) => outgoing(self).status],
      "set-status-code": ["(status-code: u16) -> result", ([self, status]) => {
        if ((status as number) < 100 || (status as number) > 999) return FAILED;
        outgoing(self).status = status as number;
        return ok();
      }],
      headers: ["() -> own<fields>", ([self]) => outgoing(self).headers],
      body: ["() -> result<own<outgoing-body>>", ([self]) => okOrFailed(outgoing(self).body())],
    }),
    "[static]response-outparam.set": {
      type: `func(param: own<response-outparam>, response: result<own<outgoing-response>, ${ERROR_CODE_TYPE}>)`,
      call: ([outparam, response]) => (outparam as ResponseOutparam).set(response as OutgoingResult),
    },
    ...methodsOf("response-outparam", {
      "send-informational": [
        `(status: u16, headers: own<fields>) -> result<_, ${ERROR_CODE_TYPE}>`,
        () => ({ tag: "err", val: internalError(INFORMATIONAL) }),
      ],
    }),
    ...methodsOf("future-incoming-response", {
      get: [
        `() -> option<result<result<own<incoming-response>, ${ERROR_CODE_TYPE}>>>`,
        ([self]) => {
          const result = (self as FutureResponse).take();
          return result === "taken" ? FAILED : result && ok(result);
        },
      ],
    }),
    "[method]future-incoming-response.subscribe": subscribeFunction(io, futureResponse),
  };
}

function outgoing(self: unknown): OutgoingResponse {
  return self as OutgoingResponse;
}
