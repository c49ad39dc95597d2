/** Who calls a task, and what is called. */

import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import type { FunctionType } from "../types/function_type.ts";
import type { CoreEntry } from "./core_entry.ts";
import type { ResultLift } from "./result_lift.ts";

/** A function with an asynchronous type, as its tasks see it. */
export interface TaskCallee {
  readonly type: FunctionType;
  /** The context of the definition. */
  readonly cx: CallContext;
  /** The instance that is called. */
  readonly instance: ComponentInstance;
  /** True for the option `async`: it returns its result by `task.return`. */
  readonly isAsync: boolean;
  /** True if no other task of the instance that needs the same may run while it runs, or waits on its stack. */
  readonly needsExclusive: boolean;
  /** The core function. */
  readonly entry: CoreEntry;
  /** The callback, if it has one. */
  readonly callback: CoreEntry | undefined;
  /** The instances that a call by the host enters. */
  readonly chain: readonly ComponentInstance[];
  /** The instances that a call by another instance enters. */
  enteredFrom(caller: ComponentInstance): readonly ComponentInstance[];
  /** The core result has been read. */
  postReturn(core: CoreValue | undefined): void;
}

/** Who called a task. */
export interface TaskCaller {
  /** Makes the result of what the task returns. */
  readonly results: ResultLift;
  /** Lower the parameters: the task starts. @param out Gets the core parameters. */
  start(cx: CallContext, out: CoreValue[]): void;
  /** The task has returned its result. */
  returned(value: unknown): void;
  /** The task has ended without a result, as the caller wished. */
  cancelled(): void;
}
