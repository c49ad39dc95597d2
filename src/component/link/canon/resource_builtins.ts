/** Resources that components define, and the built-ins for handles. */

import type { ComponentInstance } from "../component_instance.ts";
import { enterAll, instancesEntered, leaveAll } from "../call/entering.ts";
import type { CoreFunction } from "../function.ts";
import { ResourceHandle } from "../handles.ts";
import { ResourceType } from "../resource_type.ts";
import { trap } from "../trap.ts";

/**
 * A resource type of a component.
 *
 * @param owner The instance that defines it.
 * @param destructor A core function of the owner; undefined if it has none.
 */
export function guestResourceType(
  owner: ComponentInstance,
  destructor: CoreFunction | undefined,
): ResourceType<number> {
  if (destructor === undefined) return new ResourceType<number>("resource", undefined, owner);
  const destroy = destructor as unknown as (rep: number) => void;
  return new ResourceType<number>("resource", (rep, dropper) => destroyIn(owner, destroy, rep, dropper), owner);
}

/** Call a destructor: a call into the owner, unless the owner itself drops the resource. */
function destroyIn(
  owner: ComponentInstance,
  destroy: (rep: number) => void,
  rep: number,
  dropper: object | undefined,
): void {
  if (dropper === owner) return destroy(rep);
  const { store } = owner;
  const { canSuspend, isNested } = store;
  const entered = instancesEntered(owner, dropper as ComponentInstance | undefined);
  enterAll(entered);
  const { task } = owner;
  owner.task = undefined;
  store.canSuspend = false;
  store.isNested = true;
  destroy(rep);
  store.canSuspend = canSuspend;
  store.isNested = isNested;
  owner.task = task;
  leaveAll(entered);
}

/** `canon resource.new`. */
export function resourceNew(instance: ComponentInstance, type: ResourceType<number>): CoreFunction {
  return (rep: number) => {
    checkLeave(instance);
    return instance.handles.add(new ResourceHandle(type, rep));
  };
}

/** `canon resource.rep`. */
export function resourceRep(instance: ComponentInstance, type: ResourceType<number>): CoreFunction {
  return (index: number) => instance.handles.resource(index, type).rep;
}

/** `canon resource.drop`. */
export function resourceDrop(instance: ComponentInstance, type: ResourceType): CoreFunction {
  return (index: number) => {
    checkLeave(instance);
    const { rep, scope } = instance.handles.removeResource(index, type);
    if (scope === undefined) type.destroy(rep, instance);
    else scope.borrowCount--;
  };
}

/** @throws {ComponentTrap} If the instance may not call out. */
export function checkLeave(instance: ComponentInstance): void {
  if (instance.mayLeave) return;
  const { outcome } = instance.store;
  if (outcome.ended) throw outcome.reason;
  trap("cannot leave component instance");
}
