/** The functions of bodies and trailers. */

import type { HostFunction } from "../../../component/link/function.ts";
import { ERROR_CODE_TYPE } from "./error_code.ts";
import type { Fields } from "./fields.ts";
import { FAILED, type GuestHttp, methodsOf, ok, okOrFailed } from "./guest_http.ts";
import type { FutureTrailers, IncomingBody } from "./incoming_body.ts";
import type { OutgoingBody } from "./outgoing_body.ts";
import { subscribeFunction } from "./subscribe.ts";

/** Functions by their names. */
export function bodyFunctions({ io, futureTrailers }: GuestHttp): Record<string, HostFunction> {
  return {
    ...methodsOf("incoming-body", {
      stream: ["() -> result<own<input-stream>>", ([self]) => okOrFailed((self as IncomingBody).stream())],
    }),
    "[static]incoming-body.finish": {
      type: "func(this: own<incoming-body>) -> own<future-trailers>",
      call: ([body]) => (body as IncomingBody).finish(),
    },
    ...methodsOf("future-trailers", {
      get: [
        `() -> option<result<result<option<own<fields>>, ${ERROR_CODE_TYPE}>>>`,
        ([self]) => {
          const result = (self as FutureTrailers).take();
          return result === "taken" ? FAILED : result && ok(result);
        },
      ],
    }),
    "[method]future-trailers.subscribe": subscribeFunction(io, futureTrailers),
    ...methodsOf("outgoing-body", {
      write: ["() -> result<own<output-stream>>", ([self]) => okOrFailed((self as OutgoingBody).write())],
    }),
    "[static]outgoing-body.finish": {
      type: `func(this: own<outgoing-body>, trailers: option<own<fields>>) -> result<_, ${ERROR_CODE_TYPE}>`,
      call: ([body, trailers]) => {
        const error = (body as OutgoingBody).finish((trailers as Fields | undefined)?.freeze());
        return error === undefined ? ok() : { tag: "err", val: error };
      },
    },
  };
}
