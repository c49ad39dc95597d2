/** Component functions: what `canon lift` and imports add to the index space. */

import type { CallContext } from "../abi/context.ts";
import type { FunctionType } from "../types/function_type.ts";
import type { CoreFunction } from "./function.ts";

/** A function as components see it: the host's, or one that was lifted. */
export interface ComponentFunction {
  /** Its type, with the resource types of this guest. */
  readonly type: FunctionType;
  /** True if a call may have to wait. */
  readonly mayWait: boolean;
  /**
   * `canon lower` with synchronous options.
   *
   * @param cx The context of the definition; its instance is the caller.
   * @returns The core function for the caller to import. It leaves the caller by a trap in place of throwing.
   */
  lower(cx: CallContext): CoreFunction;
  /**
   * `canon lower` with the option `async`.
   *
   * @param cx As for {@linkcode ComponentFunction.lower}, also for what it returns.
   */
  lowerAsync(cx: CallContext): CoreFunction;
}
