/** What calls of a lifted function need of it. */

import type { CoreValue } from "../../abi/codec.ts";
import type { CallContext } from "../../abi/context.ts";
import type { CoreSignature } from "../../types/flat.ts";
import type { FunctionType } from "../../types/function_type.ts";
import type { ComponentInstance } from "../component_instance.ts";
import type { CoreFunction } from "../function.ts";
import type { Task } from "../task.ts";

/** A lifted function with a synchronous type, as what calls it sees it. */
export interface Callee {
  /** Its type. */
  readonly type: FunctionType;
  /** The context of the definition; its instance is the callee. */
  readonly cx: CallContext;
  /** The instance that is called. */
  readonly instance: ComponentInstance;
  /** The core function. */
  readonly core: CoreFunction;
  /** Type of the core function. */
  readonly signature: CoreSignature;
  /** True if something remains to be done with the core result after it was read. */
  readonly hasPostReturn: boolean;
  /**
   * A call begins; the instance has been entered.
   *
   * @param hasBorrow True if a parameter has a borrowed handle.
   * @returns What keeps account of it, if it needs that.
   */
  begin(hasBorrow: boolean): Task | undefined;
  /**
   * A call ends: its result has been read.
   *
   * @param task What {@linkcode Callee.begin} has answered.
   * @param result The core result, if there is one.
   */
  end(task: Task | undefined, result: CoreValue | undefined): void;
  /**
   * A call ends without having run.
   *
   * @param task What {@linkcode Callee.begin} has answered.
   */
  abandon(task: Task | undefined): void;
}
