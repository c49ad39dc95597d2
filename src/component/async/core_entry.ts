/** Core functions of tasks, as the scheduler calls them. */

import type { CoreValue } from "../abi/codec.ts";
import { guarded } from "../link/call/guard.ts";
import type { Linking } from "../link/call/linking.ts";
import type { CoreSignatureTypes } from "../link/call/wasm_writer.ts";
import type { CoreFunction } from "../link/function.ts";
import { trap } from "../link/trap.ts";

type AnyFunction = (...args: readonly CoreValue[]) => unknown;

/**
 * A core function of a task. What it returns goes to the task that is current then: a small function in WebAssembly calls
 * it, so that this is known at once also if it runs on a stack of its own.
 */
export class CoreEntry {
  readonly #call: AnyFunction;
  readonly #linking: Linking;
  #promising: ((...args: readonly CoreValue[]) => Promise<unknown>) | undefined;

  /**
   * Make it.
   *
   * @param core The core function.
   * @param signature Its type.
   * @param linking What all definitions of the guest share.
   */
  constructor(core: CoreFunction, signature: CoreSignatureTypes, linking: Linking) {
    const { outcome, scheduler } = linking.store;
    const finish = (result?: CoreValue): void => scheduler.current?.finished(result);
    const imports = {
      callee: core,
      finish: guarded(finish, outcome, signature.results.length),
      threw: guarded(uncaught, outcome, 0),
    };
    const module = linking.trampolines.entry(signature);
    this.#call = new WebAssembly.Instance(module, { "": imports }).exports[""] as AnyFunction;
    this.#linking = linking;
  }

  /** Call it on the stack that runs. */
  call(args: readonly CoreValue[]): void {
    this.#call(...args);
  }

  /**
   * Call it on a stack of its own, until that is suspended or over.
   *
   * @returns A promise that rejects if it fails.
   */
  callSuspending(args: readonly CoreValue[]): Promise<unknown> {
    const { stacks } = this.#linking.store;
    this.#promising ??= stacks!.promising(this.#call as (...args: unknown[]) => unknown);
    return this.#promising(...args);
  }
}

function uncaught(): never {
  return trap("uncaught exception of a component that was called by another");
}
