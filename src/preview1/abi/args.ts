/** `args_*` and `environ_*`. */

import { Errno } from "../../witx/errno.ts";
import type { Abi } from "./abi.ts";
import type { ImportTable } from "./import_function.ts";

/** The functions that hand out the arguments and the environment. */
export function argsFunctions({ system, memory }: Abi): ImportTable {
  function sizes(list: readonly Uint8Array[], countPtr: number, sizePtr: number): Errno {
    memory.storeU32(countPtr, list.length);
    memory.storeU32(sizePtr, totalBytes(list));
    return Errno.SUCCESS;
  }

  function strings(list: readonly Uint8Array[], pointersPtr: number, bufferPtr: number): Errno {
    if (!memory.holds(pointersPtr, list.length * 4) || !memory.holds(bufferPtr, totalBytes(list))) return Errno.FAULT;
    for (const encoded of list) {
      memory.storeU32(pointersPtr, bufferPtr);
      memory.bytes.set(encoded, bufferPtr);
      pointersPtr += 4;
      bufferPtr += encoded.length;
    }
    return Errno.SUCCESS;
  }

  return {
    args_get: (argv: number, argvBuf: number): Errno => strings(system.args.get(), argv, argvBuf),
    args_sizes_get: (argc: number, size: number): Errno => sizes(system.args.get(), argc, size),
    environ_get: (environ: number, environBuf: number): Errno => strings(system.environ.get(), environ, environBuf),
    environ_sizes_get: (count: number, size: number): Errno => sizes(system.environ.get(), count, size),
  };
}

function totalBytes(list: readonly Uint8Array[]): number {
  let total = 0;
  for (const encoded of list) total += encoded.length;
  return total;
}
