/** The trace: one line for each call of the guest. */

import type { Errno } from "../../witx/errno.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import { type Abi, SNAPSHOT_1, UNSTABLE } from "../abi/abi.ts";
import type { ImportFunction } from "../abi/import_function.ts";
import type { GuestMemory } from "../abi/memory.ts";
import type { System } from "../system.ts";
import { TracedCall } from "./traced_call.ts";

/**
 * Makes an import that writes a line for each call, from one that does not.
 *
 * @param module Module of the import.
 * @param name Its name.
 * @param fn The import.
 */
export type Watch = (module: string, name: string, fn: ImportFunction) => ImportFunction;

/** As the engine calls it. */
type AnyFunction = (...args: readonly (number | bigint)[]) => MaybePromise | void;

/**
 * Trace the imports of a guest: one line for each call, such as `fd_read(0, 512 bytes) => 17`. The line is written once
 * the call returns. A call that ends the guest has no `=>`.
 *
 * @param system Knows the strings of the guest and the names of its preopens.
 * @param memory Memory of the guest.
 * @param write Takes a line, without a newline.
 */
export function trace(system: System, memory: GuestMemory, write: (line: string) => void): Watch {
  const { outcome } = memory;
  return (module, name, fn) => {
    const abi: Abi = { system, memory, dialect: module === "wasi_unstable" ? UNSTABLE : SNAPSHOT_1 };
    const shownName = name.replace(/_v2$/, "").replace(/^epoll_/, "poll_");
    const traced: AnyFunction = (...args) => {
      try {
        outcome.check();
        return follow(new TracedCall(abi, shownName, args), () => (fn as AnyFunction)(...args), write);
      } catch (error) {
        return outcome.fail(error);
      }
    };
    const settled: AnyFunction = (...args) => {
      const answer = traced(...args);
      return typeof answer === "object" ? outcome.settle(answer) : answer;
    };
    return settled;
  };
}

function follow(
  call: TracedCall,
  run: () => MaybePromise | void,
  write: (line: string) => void,
): MaybePromise | void {
  const fail = (error: unknown): never => {
    write(call.text);
    throw error;
  };
  const record = (errno: Errno): Errno => {
    write(call.textWith(errno));
    return errno;
  };
  let answer: MaybePromise | void;
  try {
    answer = run();
  } catch (error) {
    return fail(error);
  }
  if (typeof answer === "object") return answer.then(record, fail);
  return answer === undefined ? undefined : record(answer);
}
