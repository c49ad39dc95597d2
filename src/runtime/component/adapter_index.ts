/** Which core module of a component is the adapter of preview 1, by the names that the tools give. */

import { componentNames } from "../../component/binary/component_names.ts";
import type { Component } from "../../component/binary/model.ts";

/** The module whose functions the adapter has. */
export const PREVIEW1 = "wasi_snapshot_preview1";

const ADAPTER_NAME = `wit-component:adapter:${PREVIEW1}`;

/**
 * The index of the adapter.
 *
 * @param component The component.
 * @returns Undefined if none of its core modules has that name.
 */
export function adapterIndex(component: Component): number | undefined {
  const modules = componentNames(component).definitions.get("core module") ?? new Map<number, string>();
  return [...modules].find(([, name]) => name === ADAPTER_NAME)?.[0];
}
