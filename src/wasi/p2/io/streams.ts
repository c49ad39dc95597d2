/** `wasi:io/streams`. */

import type { HostInterface, WasiHost } from "../../host.ts";
import { guestIo } from "./guest_io.ts";
import { inputFunctions } from "./input_functions.ts";
import { outputFunctions } from "./output_functions.ts";
import { spliceFunctions } from "./splice.ts";

/** The interface `wasi:io/streams@0.2`. */
export function streamsInterface(host: WasiHost): HostInterface {
  const io = host.shared(guestIo);
  return {
    functions: { ...inputFunctions(io), ...outputFunctions(io), ...spliceFunctions(io) },
    resources: {
      "input-stream": io.inputStream,
      "output-stream": io.outputStream,
      error: io.error,
      pollable: io.pollable,
    },
  };
}
