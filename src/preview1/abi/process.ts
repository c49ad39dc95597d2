/** `proc_*`, `sched_yield` and `random_get`. */

import { Errno } from "../../witx/errno.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import type { Abi } from "./abi.ts";
import type { ImportTable } from "./import_function.ts";

/** `proc_*`, bodies. */
export function processFunctions({ system }: Abi): ImportTable {
  return {
    proc_exit: (code: number): void => system.proc.exit(code),
    proc_raise: (signal: number): Errno => system.proc.raise(signal),
  };
}

/** `sched_yield` and `random_get`, imports. */
export function directProcessFunctions({ system, memory }: Abi): ImportTable {
  const { outcome } = memory;
  return {
    random_get(ptr: number, length: number): Errno {
      try {
        memory.refresh();
        ptr >>>= 0;
        length >>>= 0;
        if (!memory.holds(ptr, length)) return Errno.FAULT;
        return system.random.get(memory.bytes, ptr, length);
      } catch (error) {
        return outcome.fail(error);
      }
    },
    sched_yield(): MaybePromise {
      try {
        outcome.check();
        const result = system.sched.yield();
        return typeof result === "number" ? result : outcome.settle(result);
      } catch (error) {
        return outcome.fail(error);
      }
    },
  };
}
