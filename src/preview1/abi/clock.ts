/** `clock_*`. */

import { Errno } from "../../witx/errno.ts";
import type { Abi } from "./abi.ts";
import type { ImportTable } from "./import_function.ts";
import type { GuestMemory } from "./memory.ts";

/** `clock_res_get`, a body. */
export function clockFunctions({ system, memory }: Abi): ImportTable {
  const time = new Uint32Array(2);
  return {
    clock_res_get(id: number, resultPtr: number): Errno {
      const errno = system.clock.resGet(id, time);
      if (errno === Errno.SUCCESS) storeWords(memory, resultPtr, time);
      return errno;
    },
  };
}

/** `clock_time_get`, an import in its narrow form: without the precision. */
export function narrowClockFunctions({ system, memory }: Abi): ImportTable {
  const { outcome } = memory;
  const time = new Uint32Array(2);
  return {
    clock_time_get(id: number, resultPtr: number): Errno {
      try {
        memory.update();
        resultPtr >>>= 0;
        if (!memory.holds(resultPtr, 8)) return Errno.FAULT;
        const errno = system.clock.timeGet(id >>> 0, time);
        if (errno === Errno.SUCCESS) storeWords(memory, resultPtr, time);
        return errno;
      } catch (error) {
        return outcome.fail(error);
      }
    },
  };
}

function storeWords(memory: GuestMemory, ptr: number, words: Uint32Array): void {
  memory.storeU32(ptr, words[0]!);
  memory.storeU32(ptr + 4, words[1]!);
}
