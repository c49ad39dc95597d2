/** Functions that a guest imports and that may have to wait. */

import type { CoreValue } from "../../abi/codec.ts";
import type { Attempt, CoreFunction } from "../function.ts";
import { blockingAttempt } from "./blocking_attempt.ts";
import { guarded } from "./guard.ts";
import type { Linking } from "./linking.ts";
import type { CoreSignatureTypes } from "./wasm_writer.ts";

/** What such a function consists of. */
export interface WaitingParts {
  /** Begins it, or goes on with it. */
  readonly attempt: Attempt;
  /** Has the core result of an attempt that is done. */
  readonly holder: { readonly result: CoreValue | undefined };
  /** Core type of the function. */
  readonly signature: CoreSignatureTypes;
}

/**
 * Make such a function. What has to wait blocks the thread, or goes through a trampoline that suspends the guest where it
 * can be suspended.
 *
 * @param parts What it consists of.
 * @param linking What all definitions of the guest share.
 */
export function waitingFunction({ attempt, holder, signature }: WaitingParts, linking: Linking): CoreFunction {
  const { store, trampolines } = linking;
  const { outcome } = store;
  const { length } = signature.params;
  const tried = blockingAttempt(attempt, store, length);
  if (store.stacks === undefined) {
    const hasResult = signature.results.length === 1;
    return guarded(hasResult ? thenResult(tried, holder, length) : tried, outcome, length);
  }
  const imports = {
    attempt: guarded(tried, outcome, length),
    wait: linking.wait,
    resumed: guarded(linking.resumed, outcome, 0),
    result: () => holder.result,
  };
  return new WebAssembly.Instance(trampolines.waiting(signature), { "": imports }).exports[""] as CoreFunction;
}

/** As {@linkcode blockingAttempt}, a function for each number of parameters that occurs. */
function thenResult(attempt: CoreFunction, holder: WaitingParts["holder"], arity: number): CoreFunction {
  const call = attempt as (...args: unknown[]) => unknown;
  if (arity === 1) {
    return (a: unknown) => {
      call(a);
      return holder.result;
    };
  }
  return (...args: unknown[]) => {
    call(...args);
    return holder.result;
  };
}
