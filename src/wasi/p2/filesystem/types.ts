/** `wasi:filesystem/types`: files and directories. */

import type { HostFunction } from "../../../component/link/function.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import type { IoError } from "../io/io_error.ts";
import { entryFunctions } from "./entry_functions.ts";
import { errorCodeOf } from "./error_code.ts";
import { fileFunctions } from "./file_functions.ts";
import { filesystemTypes } from "./filesystem_types.ts";
import { hotFunctions } from "./hot_functions.ts";
import { pathFunctions } from "./path_functions.ts";
import { errorCodeText } from "./texts.ts";

/** The interface `wasi:filesystem/types@0.2`. */
export function typesInterface(host: WasiHost): HostInterface {
  const types = host.shared(filesystemTypes);
  const { io, descriptor, entries } = types;
  return {
    functions: {
      ...hotFunctions(types),
      ...entryFunctions(types),
      ...fileFunctions(types),
      ...pathFunctions(),
      "filesystem-error-code": filesystemErrorCode(),
    },
    resources: {
      descriptor,
      "directory-entry-stream": entries,
      "input-stream": io.inputStream,
      "output-stream": io.outputStream,
      error: io.error,
    },
  };
}

/** The code of an error of a stream of a file, or of a standard stream; none of a socket's. */
function filesystemErrorCode(): HostFunction {
  return {
    type: `func(err: borrow<error>) -> option<${errorCodeText()}>`,
    call: ([error]) => {
      const { origin, errno } = error as IoError;
      return origin === "filesystem" ? errorCodeOf(-errno) : undefined;
    },
  };
}
