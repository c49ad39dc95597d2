/** What a linked component exports, for its bindings in JavaScript. */

import type { Callee, ExportedInterface, ExportedItems } from "../../component/js/callee.ts";
import type { ComponentFunction } from "../../component/link/component_function.ts";
import type { CallableExport } from "../../component/link/call/export_call.ts";
import { callableExport } from "../../component/link/call/callable_export.ts";
import type { Linking } from "../../component/link/call/linking.ts";
import type { InstanceExports } from "../../component/link/link_scope.ts";
import { ResourceType } from "../../component/link/resource_type.ts";

/**
 * The functions, resources and interfaces among the exports of a component.
 *
 * @param exports Of the component.
 * @param linking What all definitions of the guest share.
 */
export function exportedItems(exports: InstanceExports, linking: Linking): ExportedItems {
  const interfaces = new Map<string, ExportedInterface>();
  for (const [name, item] of exports) {
    if (item.sort === "instance") interfaces.set(name, exportedInterface(item.value, linking));
  }
  return { ...exportedInterface(exports, linking), interfaces };
}

function exportedInterface(exports: InstanceExports, linking: Linking): ExportedInterface {
  const functions = new Map<string, Callee>();
  const resources = new Map<string, ResourceType>();
  for (const [name, item] of exports) {
    if (item.sort === "func") functions.set(name, calleeOf(name, item.value, linking));
    else if (item.sort === "type" && item.value.kind === "resource") {
      const { resource } = item.value;
      if (resource instanceof ResourceType) resources.set(name, resource as ResourceType);
    }
  }
  return { functions, resources };
}

function calleeOf(name: string, fn: ComponentFunction, { values }: Linking): Callee {
  let made: CallableExport | undefined;
  const call = (): CallableExport => {
    made ??= callableExport(fn, values);
    if (made !== undefined) return made;
    throw new TypeError(`Cannot call ${name}: the component exports what it imports, unchanged; call that`);
  };
  return {
    type: fn.type,
    get mayWait(): boolean {
      return fn.mayWait;
    },
    call: (args) => call().call(args),
    callSuspending: async (args) => await call().callSuspending(args),
  };
}
