/** `wasi:http`: loaded with the first component that imports or exports it. */

import type { HostFunction } from "../../../component/link/function.ts";
import type { HostInterface, InterfaceFactories, WasiHost } from "../../host.ts";
import type { IoError } from "../io/io_error.ts";
import { bodyFunctions } from "./body_functions.ts";
import { ERROR_CODE_TYPE } from "./error_code.ts";
import { fieldFunctions } from "./field_functions.ts";
import { type GuestHttp, guestHttp } from "./guest_http.ts";
import { outgoingHandlerInterface } from "./outgoing_handler.ts";
import { requestFunctions } from "./request_functions.ts";
import { responseFunctions } from "./response_functions.ts";

/** The interfaces, by name. */
export const HTTP_INTERFACES: InterfaceFactories = {
  "wasi:http/types@0.2": typesInterface,
  "wasi:http/outgoing-handler@0.2": outgoingHandlerInterface,
};

/** The interface `wasi:http/types@0.2`. */
function typesInterface(host: WasiHost): HostInterface {
  const http = host.shared(guestHttp);
  return {
    functions: {
      "http-error-code": HTTP_ERROR_CODE,
      ...fieldFunctions(),
      ...requestFunctions(http),
      ...responseFunctions(http),
      ...bodyFunctions(http),
    },
    resources: resourcesOf(http),
  };
}

const HTTP_ERROR_CODE: HostFunction = {
  type: `func(err: borrow<error>) -> option<${ERROR_CODE_TYPE}>`,
  call: ([error]) => {
    const { origin } = error as IoError;
    return typeof origin === "string" ? undefined : origin.errorCode;
  },
};

function resourcesOf(http: GuestHttp): HostInterface["resources"] {
  const { io } = http;
  return {
    fields: http.fields,
    "incoming-request": http.incomingRequest,
    "outgoing-request": http.outgoingRequest,
    "request-options": http.requestOptions,
    "response-outparam": http.responseOutparam,
    "incoming-response": http.incomingResponse,
    "incoming-body": http.incomingBody,
    "future-trailers": http.futureTrailers,
    "outgoing-response": http.outgoingResponse,
    "outgoing-body": http.outgoingBody,
    "future-incoming-response": http.futureResponse,
    "input-stream": io.inputStream,
    "output-stream": io.outputStream,
    error: io.error,
    // Aliases, which some tools import as types of their own.
    headers: http.fields,
    trailers: http.fields,
    "io-error": io.error,
    pollable: io.pollable,
  };
}
