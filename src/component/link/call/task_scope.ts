/** Tasks of instances, from the start of a call to its end. */

import type { CallContext } from "../../abi/context.ts";
import { Task } from "../task.ts";

/**
 * A call of an instance begins.
 *
 * @param cx The context of the lifted function.
 * @returns Its task, which is now that of the instance.
 */
export function enterTask(cx: CallContext): Task {
  const { instance } = cx;
  const task = new Task(instance.task);
  instance.task = task;
  cx.borrowScope = task;
  return task;
}

/**
 * A call of an instance is over: the instance has the task again that it had before.
 *
 * @param cx The context of the lifted function.
 * @param task What {@linkcode enterTask} returned; undefined for a call without a task.
 */
export function leaveTask(cx: CallContext, task: Task | undefined): void {
  if (task === undefined) return;
  cx.instance.task = task.outer;
  cx.borrowScope = task.outer;
}
