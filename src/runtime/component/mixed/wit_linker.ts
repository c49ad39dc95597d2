/** Links the functions of WIT that a core module of preview 1 imports. The core loads this when it meets such a module. */

import { TrampolineModules } from "../../../component/link/call/trampoline_modules.ts";
import type { WitClient, WitImports, WitLinker } from "../../guest/wit_imports.ts";
import type { LoadedModule } from "../../module/load.ts";
import { extraInterfaces } from "../shared/extra_interfaces.ts";
import { MixedImports, type MixedSource } from "./mixed_imports.ts";
import { worldsOf } from "./type_sections.ts";

/**
 * Make the linker of a module.
 *
 * @param loaded The module.
 * @throws {ModuleError} If the types in its custom sections are not valid.
 */
export async function witLinker({ module, bytes, label, basename }: LoadedModule): Promise<WitLinker> {
  const used = usedFunctions(module);
  const source: MixedSource = {
    worlds: bytes === undefined ? undefined : worldsOf(bytes as Uint8Array<ArrayBuffer>, label),
    used,
    extra: await extraInterfaces([...used.keys()]),
    trampolines: new TrampolineModules(),
    label,
    basename,
  };
  return { link: (client: WitClient): WitImports => new MixedImports(source, client) };
}

function usedFunctions(module: WebAssembly.Module): ReadonlyMap<string, ReadonlySet<string>> {
  const used = new Map<string, Set<string>>();
  for (const each of WebAssembly.Module.imports(module)) {
    const names = used.get(each.module) ?? new Set();
    used.set(each.module, names.add(each.name));
  }
  return used;
}
