/** Functions of WASI for a module that does not say what types they have: those that this host knows. */

import { HostComponentFunction } from "../../../component/link/call/host_component_function.ts";
import type { Linking } from "../../../component/link/call/linking.ts";
import { compatibleName } from "../../../component/link/host_interfaces.ts";
import type { InstanceExports, LinkItem } from "../../../component/link/link_scope.ts";
import type { ResourceType } from "../../../component/link/resource_type.ts";
import { parseFunctionType } from "../../../component/types/parse_text.ts";
import type { WasiInterfaces } from "../../../wasi/registry.ts";
import type { ImportSources } from "../guest_imports.ts";
import type { UsedFunctions } from "./world_imports.ts";

/** What functions are linked to. */
export type KnownSources = Pick<ImportSources, "observe"> & { readonly interfaces: WasiInterfaces };

/**
 * The functions and resources of an interface of WASI.
 *
 * @param module Its name, with a version.
 * @param used What the module imports.
 * @param sources What they are linked to.
 * @param linking What all definitions of the guest share.
 * @returns Empty if this host has no such interface.
 */
export function knownFunctions(
  module: string,
  used: UsedFunctions,
  { interfaces, observe }: KnownSources,
  linking: Linking,
): InstanceExports {
  const host = interfaces.find(compatibleName(module));
  const items = new Map<string, LinkItem>();
  if (host === undefined) return items;
  for (const [name, resource] of Object.entries(host.resources)) {
    items.set(name, { sort: "type", value: { kind: "resource", resource: resource as ResourceType } });
  }
  for (const name of used.get(module) ?? []) {
    const fn = Object.hasOwn(host.functions, name) ? host.functions[name] : undefined;
    if (fn === undefined) continue;
    const type = parseFunctionType(fn.type, (resource) => interfaces.resource(resource));
    const observed = observe?.(`${module}#${name}`, type, fn) ?? fn;
    items.set(name, { sort: "func", value: new HostComponentFunction(type, observed, linking) });
  }
  return items;
}
