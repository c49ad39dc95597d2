/** Imports of preview 1 that may wait, for guests that the host calls while it serves another call. */

import type { Linking } from "../../../component/link/call/linking.ts";
import { cannotBlock } from "../../../component/link/store.ts";
import type { CoreSignatureTypes } from "../../../component/link/call/wasm_writer.ts";
import type { Suspend } from "../../guest/wit_imports.ts";
import { suspending } from "../../jspi.ts";

type AnyFunction = (...args: readonly unknown[]) => unknown;

/**
 * What makes imports of which only the wait itself suspends the guest: engines refuse every call of a suspending import
 * where there is JavaScript on the stack, such as that of a function which makes the guest allocate.
 *
 * @param linking What all definitions of the guest share.
 */
export function promisedImports({ trampolines, store }: Pick<Linking, "trampolines" | "store">): Suspend {
  return (fn, type) => {
    const call = fn as AnyFunction;
    let result: unknown;
    let pending: PromiseLike<unknown> | undefined;
    const start = (...args: readonly unknown[]): 0 | 1 => {
      result = call(...args);
      if (typeof result !== "object" || result === null) return 0;
      pending = result as PromiseLike<unknown>;
      if (store.isNested) refuse(pending);
      return 1;
    };
    const refuse = (promise: PromiseLike<unknown>): void => {
      promise.then(undefined, () => {});
      try {
        cannotBlock();
      } catch (error) {
        store.outcome.fail(error);
      }
    };
    const wait = suspending(async () => {
      store.canSuspend = false;
      result = await pending;
      store.canSuspend = true;
    });
    const module = trampolines.promised(type as CoreSignatureTypes);
    const { exports } = new WebAssembly.Instance(module, { "": { start, wait, result: () => result } });
    return exports[""] as AnyFunction;
  };
}
