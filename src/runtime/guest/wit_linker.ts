/** Loads what links functions of WIT only for modules that import some. */

import type { LoadedModule } from "../module/load.ts";
import { isWitName, type WitLinker } from "./wit_imports.ts";

/**
 * What links the functions of WIT that a module imports.
 *
 * @param loaded The module.
 * @returns Undefined if it imports none.
 * @throws {ModuleError} If its types can't be read.
 */
export async function witLinkerOf(loaded: LoadedModule): Promise<WitLinker | undefined> {
  const { module, wit } = loaded;
  if (wit !== undefined || !WebAssembly.Module.imports(module).some((each) => isWitName(each.module))) return wit;
  const { witLinker } = await import("../component/mixed/wit_linker.ts");
  return witLinker(loaded);
}
