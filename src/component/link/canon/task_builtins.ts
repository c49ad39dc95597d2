/** Built-ins that refer to the current call, or to calls that an instance accepts. */

import type { ComponentInstance } from "../component_instance.ts";
import type { CoreFunction } from "../function.ts";
import { checkLeave } from "./resource_builtins.ts";
import { Task } from "../task.ts";
import { trap } from "../trap.ts";

/** Limit on {@linkcode ComponentInstance.backpressure}. */
const MAX_BACKPRESSURE = 2 ** 16 - 1;

/** The current call. Start functions of core modules are part of none: they have one for the whole instance. */
function currentTask(instance: ComponentInstance): Task {
  return instance.task ??= new Task(undefined);
}

/** `canon context.get`. */
export function contextGet(instance: ComponentInstance, slot: number): CoreFunction {
  instance.usesTasks = true;
  return () => currentTask(instance).storage[slot];
}

/** `canon context.set`. */
export function contextSet(instance: ComponentInstance, slot: number): CoreFunction {
  instance.usesTasks = true;
  return (value: number) => {
    currentTask(instance).storage[slot] = value;
  };
}

/** `canon backpressure.inc`. */
export function backpressureInc(instance: ComponentInstance): CoreFunction {
  return () => {
    if (++instance.backpressure > MAX_BACKPRESSURE) trap("backpressure counter overflow");
  };
}

/** `canon backpressure.dec`. */
export function backpressureDec(instance: ComponentInstance): CoreFunction {
  return () => {
    if (--instance.backpressure < 0) trap("backpressure counter underflow");
  };
}

/** A built-in that is not supported. A component that has it runs until it calls it. */
export function unsupportedBuiltin(instance: ComponentInstance, operation: string): CoreFunction {
  return () => {
    checkLeave(instance);
    return trap(`the built-in ${operation} is not supported`);
  };
}
