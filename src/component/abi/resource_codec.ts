/** Handles of resources. */

import { ResourceHandle } from "../link/handles.ts";
import type { ResourceType } from "../link/resource_type.ts";
import type { BorrowType, OwnType } from "../types/value_type.ts";
import type { Codec } from "./codec.ts";
import type { CallContext } from "./context.ts";

/** What resources are outside of guests. */
export interface ResourceValues {
  /**
   * Make a value of what a guest passes.
   *
   * @param rep What stands for the resource.
   * @param type Its type.
   * @param isOwn True if the guest gives the resource away; false if it lends it for a call.
   */
  lift(rep: unknown, type: ResourceType, isOwn: boolean): unknown;
  /**
   * The inverse.
   *
   * @param value A value.
   * @param type Its type.
   * @param isOwn True if the guest gets the resource; false if it borrows it for a call.
   * @returns What stands for the resource.
   * @throws {TypeError} If the value is no resource of the type.
   */
  lower(value: unknown, type: ResourceType, isOwn: boolean): unknown;
}

/** Resources are what stands for them: the host's own objects, or numbers of the component that defines them. */
export const PLAIN_RESOURCES: ResourceValues = { lift: (rep) => rep, lower: (value) => value };

/** `own<R>`. */
export function ownCodec(type: OwnType, values: ResourceValues): Codec {
  const resource = type.resource as ResourceType;
  const take = (cx: CallContext, index: number): unknown => values.lift(cx.takeHandle(index, resource), resource, true);
  const give = (cx: CallContext, value: unknown): number => {
    return cx.addHandle(resource, values.lower(value, resource, true));
  };
  return handleCodec(type, take, give);
}

/** `borrow<R>`. */
export function borrowCodec(type: BorrowType, values: ResourceValues): Codec {
  const resource = type.resource as ResourceType;
  const lift = (cx: CallContext, index: number): unknown => {
    return values.lift(cx.lend(index, resource), resource, false);
  };
  const lower = (cx: CallContext, value: unknown): number => {
    const rep = values.lower(value, resource, false);
    // The component that defines the type gets what it passed to `resource.new`.
    if (resource.owner === cx.instance) return rep as number;
    const scope = cx.borrowScope;
    if (scope === undefined) throw new TypeError("Cannot pass a borrowed handle outside of a call");
    scope.borrowCount++;
    return cx.instance.handles.add(new ResourceHandle(resource, rep, scope));
  };
  return handleCodec(type, lift, lower);
}

function handleCodec(
  type: OwnType | BorrowType,
  lift: (cx: CallContext, index: number) => unknown,
  lower: (cx: CallContext, value: unknown) => number,
): Codec {
  return {
    type,
    load: (cx, at) => lift(cx, cx.view.getUint32(at, true)),
    store: (cx, at, value) => cx.view.setUint32(at, lower(cx, value), true),
    lift: (cx, flat, at) => lift(cx, flat[at] as number),
    lower: (cx, value, out, at) => {
      out[at] = lower(cx, value);
    },
  };
}
