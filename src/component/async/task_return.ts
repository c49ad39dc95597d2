/** `canon task.return`. */

import type { CoreValue } from "../abi/codec.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import type { CoreFunction } from "../link/function.ts";
import { checkLeave } from "../link/canon/resource_builtins.ts";
import { areValueTypesEqual } from "../types/compare/type_equality.ts";
import type { ValueType } from "../types/value_type.ts";
import { trap } from "../link/trap.ts";

/**
 * `canon task.return`: the current call returns its result.
 *
 * @param instance The instance whose call it is.
 * @param type Type of the result, which must be that of the call.
 */
export function taskReturn(instance: ComponentInstance, type: ValueType | undefined): CoreFunction {
  return (...flat: CoreValue[]) => {
    checkLeave(instance);
    const { task } = instance;
    if (task?.onReturn === undefined) return trap("`task.return` called outside of an async-lifted export");
    if (task.hasReturned) trap("`task.return` or `task.cancel` called more than once for current task");
    if (!areResultsEqual(task.resultType, type)) {
      trap("invalid `task.return` signature and/or options for current task");
    }
    task.checkReturn();
    task.onReturn(flat);
    task.hasReturned = true;
  };
}

function areResultsEqual(a: ValueType | undefined, b: ValueType | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && areValueTypesEqual(a, b));
}
