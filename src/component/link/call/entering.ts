/** Which instances a call enters, and which it leaves. */

import type { ComponentInstance } from "../component_instance.ts";
import { trap } from "../trap.ts";

/**
 * The instances that a call enters: the callee and those of its ancestors that are not the caller's too.
 *
 * @param callee The instance that is called.
 * @param caller The instance that calls; undefined for the host.
 */
export function instancesEntered(callee: ComponentInstance, caller?: ComponentInstance): readonly ComponentInstance[] {
  const callers = new Set(ancestorsOf(caller));
  return ancestorsOf(callee).filter((instance) => !callers.has(instance));
}

function ancestorsOf(instance: ComponentInstance | undefined): ComponentInstance[] {
  const ancestors: ComponentInstance[] = [];
  for (let each = instance; each !== undefined; each = each.parent) ancestors.push(each);
  return ancestors;
}

/**
 * Enter instances.
 *
 * @throws {ComponentTrap} If one of them runs, or has trapped.
 */
export function enterAll(instances: readonly ComponentInstance[]): void {
  for (let i = 0; i < instances.length; i++) {
    if (!(instances[i] as ComponentInstance).mayEnter) trap("cannot enter component instance");
  }
  for (let i = 0; i < instances.length; i++) (instances[i] as ComponentInstance).mayEnter = false;
}

/** Leave instances. A call that traps never does, so that they can't be entered again. */
export function leaveAll(instances: readonly ComponentInstance[]): void {
  for (let i = 0; i < instances.length; i++) (instances[i] as ComponentInstance).mayEnter = true;
}
