/** Instances of core modules. */

import type { ComponentInstance } from "./component_instance.ts";
import { ComponentLinkError } from "./link_error.ts";

/**
 * Instantiate a core module. Its start function runs: what has to wait meanwhile blocks the thread.
 *
 * @param module The compiled module.
 * @param imports What it imports.
 * @param instance The component instance that it is part of.
 * @returns Its exports.
 * @throws {ComponentLinkError} If the engine refuses the imports.
 * @throws What the start function throws.
 */
export function instantiateCore(
  module: WebAssembly.Module,
  imports: WebAssembly.Imports,
  instance: ComponentInstance,
): WebAssembly.ModuleImports {
  const { store } = instance;
  const { canSuspend, isNested } = store;
  store.canSuspend = false;
  store.isNested = true;
  try {
    return new WebAssembly.Instance(module, imports).exports as WebAssembly.ModuleImports;
  } catch (error) {
    if (error instanceof WebAssembly.LinkError) {
      throw new ComponentLinkError(`Cannot link a core module of the component: ${error.message}`, { cause: error });
    }
    throw store.failed(error);
  } finally {
    store.canSuspend = canSuspend;
    store.isNested = isNested;
  }
}
