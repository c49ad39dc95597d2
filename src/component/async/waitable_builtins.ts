/** Built-ins for waitable sets and subtasks. */

import type { CallContext } from "../abi/context.ts";
import { checkLeave } from "../link/canon/resource_builtins.ts";
import type { Linking } from "../link/call/linking.ts";
import type { ComponentInstance } from "../link/component_instance.ts";
import type { CoreFunction } from "../link/function.ts";
import { trap } from "../link/trap.ts";
import { AsyncTask, waitableSet } from "./async_task.ts";
import { blockingFunction } from "./blocking.ts";
import { Subtask } from "./subtask.ts";
import type { Operation } from "./task_waits.ts";
import { BLOCKED, CANCELLED_EVENT, NO_EVENT, Waitable, type WaitableEvent, WaitableSet } from "./waitable.ts";

/** `canon waitable-set.new`. */
export function waitableSetNew(instance: ComponentInstance): CoreFunction {
  return () => {
    checkLeave(instance);
    return instance.handles.add(new WaitableSet());
  };
}

/** Store an event where the guest wants it. @returns Its code. */
function storeEvent(cx: CallContext, pointer: number, { code, index, payload }: WaitableEvent): number {
  cx.refresh();
  const at = pointer >>> 0;
  cx.checkSpan(at, 8, 4);
  cx.view.setUint32(at, index, true);
  cx.view.setInt32(at + 4, payload, true);
  return code;
}

/**
 * `canon waitable-set.wait`.
 *
 * @param cx Has the memory for the event.
 * @param isCancellable True if the task gets an event if it is cancelled.
 * @param linking What all definitions of the guest share.
 */
export function waitableSetWait(cx: CallContext, isCancellable: boolean, linking: Linking): CoreFunction {
  const { instance } = cx;
  const begin = (index: number, pointer: number): Operation => {
    checkLeave(instance);
    const set = waitableSet(instance, index);
    set.waiterCount++;
    return {
      isReady: () => set.hasEvent,
      isCancellable,
      finish: (isCancelled) => {
        set.waiterCount--;
        return storeEvent(cx, pointer, isCancelled ? CANCELLED_EVENT : set.takeEvent());
      },
    };
  };
  return blockingFunction(begin, instance, { params: ["i32", "i32"], results: ["i32"] }, linking);
}

/** `canon waitable-set.poll`: as {@linkcode waitableSetWait}, without waiting. */
export function waitableSetPoll(cx: CallContext, isCancellable: boolean): CoreFunction {
  const { instance } = cx;
  return (index: number, pointer: number) => {
    checkLeave(instance);
    const set = waitableSet(instance, index);
    const { task } = instance;
    const isCancelled = isCancellable && task instanceof AsyncTask && task.takePendingCancel();
    const event = isCancelled ? CANCELLED_EVENT : set.hasEvent ? set.takeEvent() : NO_EVENT;
    return storeEvent(cx, pointer, event);
  };
}

/** `canon waitable-set.drop`. */
export function waitableSetDrop(instance: ComponentInstance): CoreFunction {
  return (index: number) => {
    checkLeave(instance);
    waitableSet(instance, index).checkDrop();
    instance.handles.remove(index);
  };
}

/** `canon waitable.join`: put a waitable into a set; 0 for none. */
export function waitableJoin(instance: ComponentInstance): CoreFunction {
  return (index: number, set: number) => {
    checkLeave(instance);
    const waitable = instance.handles.get(index);
    if (!(waitable instanceof Waitable)) return trap(`handle index ${index >>> 0} is not a waitable`);
    if (waitable.hasSyncWaiter) trap("waitable cannot be used while a task waits for it alone");
    waitable.join(set === 0 ? undefined : waitableSet(instance, set));
  };
}

function subtaskAt(instance: ComponentInstance, index: number): Subtask {
  const entry = instance.handles.get(index);
  return entry instanceof Subtask ? entry : trap(`handle index ${index >>> 0} is not a subtask`);
}

/**
 * `canon subtask.cancel`.
 *
 * @param instance The caller of the subtask.
 * @param isAsync True if the caller does not wait until the subtask is over.
 * @param linking What all definitions of the guest share.
 */
export function subtaskCancel(instance: ComponentInstance, isAsync: boolean, linking: Linking): CoreFunction {
  const begin = (index: number): Operation => {
    checkLeave(instance);
    const subtask = subtaskAt(instance, index);
    if (subtask.isResolveDelivered) trap("`subtask.cancel` called after terminal status delivered");
    if (subtask.isCancelRequested) trap("`subtask.cancel` called more than once");
    if (subtask.set !== undefined && !isAsync) trap("cannot wait for a waitable that is in a waitable set");
    if (subtask.isResolved) return cancelled(subtask, () => true);
    subtask.isCancelRequested = true;
    const hasNoticed = subtask.callee!.requestCancellation(instance);
    if (isAsync && !canWait(instance)) return cancelled(subtask, () => true);
    return cancelled(subtask, () => subtask.isResolved || (isAsync && hasNoticed()));
  };
  return blockingFunction(begin, instance, { params: ["i32"], results: ["i32"] }, linking);
}

function canWait({ task }: ComponentInstance): boolean {
  return task instanceof AsyncTask;
}

function cancelled(subtask: Subtask, isReady: () => boolean): Operation {
  subtask.hasSyncWaiter = true;
  return {
    isReady,
    isCancellable: false,
    finish: () => {
      subtask.hasSyncWaiter = false;
      return subtask.isResolved ? subtask.takeEvent().payload : BLOCKED;
    },
  };
}

/** `canon subtask.drop`. */
export function subtaskDrop(instance: ComponentInstance): CoreFunction {
  return (index: number) => {
    checkLeave(instance);
    const subtask = subtaskAt(instance, index);
    subtask.checkDrop();
    subtask.join(undefined);
    instance.handles.remove(index);
  };
}
