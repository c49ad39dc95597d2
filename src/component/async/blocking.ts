/** Functions that a guest imports and that may have to wait: on the stack of the task that calls them. */

import type { CoreValue } from "../abi/codec.ts";
import { waitingFunction } from "../link/call/waiting_function.ts";
import type { Linking } from "../link/call/linking.ts";
import type { CoreSignatureTypes } from "../link/call/wasm_writer.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import { type CoreFunction, DONE, WAIT } from "../link/function.ts";
import { trap } from "../link/trap.ts";
import { AsyncTask } from "./async_task.ts";
import { type Operation, StackWait } from "./task_waits.ts";

/**
 * Make such a function.
 *
 * @param begin Begins the operation.
 * @param instance The instance that imports it.
 * @param signature Its core type.
 * @param linking What all definitions of the guest share.
 */
export function blockingFunction(
  begin: (...args: never[]) => Operation,
  instance: ComponentInstance,
  signature: CoreSignatureTypes,
  linking: Linking,
): CoreFunction {
  instance.usesTasks = true;
  instance.mayWait = true;
  const holder: { result: CoreValue | undefined } = { result: undefined };
  const start = begin as (...args: readonly CoreValue[]) => Operation;
  const attempt = (...args: CoreValue[]): 0 | 1 => {
    const { task } = instance;
    const waited = task instanceof AsyncTask ? task : undefined;
    const last = waited?.operation;
    if (waited !== undefined && last !== undefined) {
      waited.operation = undefined;
      holder.result = last.finish(waited.wasCancelled);
      return DONE;
    }
    const operation = start(...args);
    if (waited !== undefined && operation.isCancellable && waited.takePendingCancel()) {
      holder.result = operation.finish(true);
      return DONE;
    }
    if (operation.isReady() && (operation.isYield !== true || waited === undefined)) {
      holder.result = operation.finish(false);
      return DONE;
    }
    if (waited === undefined) return trap("cannot block a synchronous task before returning");
    return block(waited, operation);
  };
  return waitingFunction({ attempt, holder, signature }, linking);
}

function block(task: AsyncTask, operation: Operation): 1 {
  const { store } = task.callee.instance;
  task.operation = operation;
  task.wasCancelled = false;
  const wait = new StackWait(task, operation.isReady, operation.isCancellable);
  task.wait = wait;
  store.requestBlock(wait);
  return WAIT;
}
