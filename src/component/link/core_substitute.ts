/** Functions of the host in the place of core modules. */

import type { CoreInstantiateDefinition } from "../binary/model.ts";

/** What a linker asks before it instantiates a core module of the outermost component. */
export interface CoreSubstitute {
  /**
   * What stands for an instance.
   *
   * @param definition The instance.
   * @param imports What its module would import.
   * @returns Its exports; undefined to instantiate it.
   */
  exports(definition: CoreInstantiateDefinition, imports: WebAssembly.Imports): WebAssembly.ModuleImports | undefined;
  /**
   * What the module of an instance imports.
   *
   * @param definition The instance.
   * @param imports What the component gives it.
   */
  imports(definition: CoreInstantiateDefinition, imports: WebAssembly.Imports): WebAssembly.Imports;
}
