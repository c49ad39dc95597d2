/** Which instances a call enters, and which it leaves. */

import { trap } from "../trap.ts";

/** What calls enter: a component instance. */
export interface Enterable {
  /** False while it runs, and once it has trapped. */
  mayEnter: boolean;
}

/** An instance that may be inside another. */
interface Nested<Instance> extends Enterable {
  readonly parent: Instance | undefined;
}

/**
 * The instances that a call enters: the callee and those of its ancestors that are not the caller's too.
 *
 * @param callee The instance that is called.
 * @param caller The instance that calls; undefined for the host.
 */
export function instancesEntered<Instance extends Nested<Instance>>(
  callee: Instance,
  caller?: Instance,
): readonly Instance[] {
  const callers = new Set(ancestorsOf(caller));
  return ancestorsOf(callee).filter((instance) => !callers.has(instance));
}

function ancestorsOf<Instance extends Nested<Instance>>(instance: Instance | undefined): Instance[] {
  const ancestors: Instance[] = [];
  for (let each: Instance | undefined = instance; each !== undefined; each = each.parent) ancestors.push(each);
  return ancestors;
}

/** True if none of the instances runs, or has trapped. */
export function mayEnterAll(instances: readonly Enterable[]): boolean {
  for (let i = 0; i < instances.length; i++) if (!(instances[i] as Enterable).mayEnter) return false;
  return true;
}

/**
 * Enter instances.
 *
 * @throws {ComponentTrap} If one of them runs, or has trapped.
 */
export function enterAll(instances: readonly Enterable[]): void {
  if (!mayEnterAll(instances)) trap("cannot enter component instance");
  for (let i = 0; i < instances.length; i++) (instances[i] as Enterable).mayEnter = false;
}

/** Leave instances. A call that traps never does, so that they can't be entered again. */
export function leaveAll(instances: readonly Enterable[]): void {
  for (let i = 0; i < instances.length; i++) (instances[i] as Enterable).mayEnter = true;
}
