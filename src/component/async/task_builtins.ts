/** Built-ins that refer to the current task. */

import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import { checkLeave } from "../link/canon/resource_builtins.ts";
import type { Linking } from "../link/call/linking.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import type { CoreFunction } from "../link/function.ts";
import { trap } from "../link/trap.ts";
import { areValueTypesEqual } from "../types/compare/type_equality.ts";
import type { ValueType } from "../types/value_type.ts";
import { AsyncTask } from "./async_task.ts";
import { blockingFunction } from "./blocking.ts";

/**
 * `canon task.return`: the current task returns its result.
 *
 * @param cx The context of the definition, which must be that of the task.
 * @param type Type of the result, which must be that of the task.
 */
export function taskReturn(cx: CallContext, type: ValueType | undefined): CoreFunction {
  const { instance } = cx;
  return (...flat: CoreValue[]) => {
    checkLeave(instance);
    const task = asyncLiftedTask(instance, "task.return");
    const { callee } = task;
    if (!areResultsEqual(callee.type.result, type) || !cx.lifts(callee.cx)) {
      trap("invalid `task.return` signature and/or options for current task");
    }
    cx.refresh();
    task.returnFlat(cx, flat);
  };
}

/** `canon task.cancel`: the current task ends without a result, as its caller has asked. */
export function taskCancel(instance: ComponentInstance): CoreFunction {
  return () => {
    checkLeave(instance);
    asyncLiftedTask(instance, "task.cancel").cancel();
  };
}

function asyncLiftedTask({ task }: ComponentInstance, builtin: string): AsyncTask {
  if (task instanceof AsyncTask && task.callee.isAsync) return task;
  return trap(`\`${builtin}\` called outside of an async-lifted export`);
}

/** `canon thread.yield`: other tasks may run. @param isCancellable True if it answers that the task was cancelled. */
export function threadYield(instance: ComponentInstance, isCancellable: boolean, linking: Linking): CoreFunction {
  const yielding = {
    isReady: () => true,
    isCancellable,
    isYield: true,
    finish: (isCancelled: boolean) => isCancelled ? 1 : 0,
  };
  const begin = (): typeof yielding => {
    checkLeave(instance);
    return yielding;
  };
  return blockingFunction(begin, instance, { params: [], results: ["i32"] }, linking);
}

function areResultsEqual(a: ValueType | undefined, b: ValueType | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && areValueTypesEqual(a, b));
}
