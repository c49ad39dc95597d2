/** Runs components with the standard adapter of preview 1 without it. The runtime of components loads this when it meets one. */

import type { Component } from "../../../component/binary/model.ts";
import type { JsImports } from "../../../component/js/imports.ts";
import type { CoreModules } from "../../../component/link/core_modules.ts";
import type { CoreSubstitute } from "../../../component/link/core_substitute.ts";
import { findAdapter } from "./adapter.ts";
import { type ElidedGuest, Preview1Guest } from "./preview1_guest.ts";

/** What is known of a guest before it is linked. */
export type ElisionRequest = Omit<ElidedGuest, "adapter" | "modules"> & {
  /** What the caller passes in the place of the host's interfaces. */
  readonly imports: JsImports;
};

/** Gives a guest preview 1 itself in the place of the adapter; undefined if the adapter uses imports of the caller. */
export type Elide = (request: ElisionRequest) => CoreSubstitute | undefined;

/**
 * What runs a component without its adapter.
 *
 * @param component The component.
 * @param modules Its compiled modules.
 * @returns Undefined if it has no standard adapter, or that is linked to something else than imports.
 */
export function elisionOf(component: Component, modules: CoreModules): Elide | undefined {
  const adapter = findAdapter(component, (definition) => modules.get(definition));
  if (adapter === undefined) return undefined;
  return ({ imports, ...guest }) => {
    const isVirtualised = adapter.interfaces.some((name) => imports.interface(name) !== undefined);
    return isVirtualised ? undefined : new Preview1Guest({ ...guest, adapter, modules });
  };
}
