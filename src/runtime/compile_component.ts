/** `compileComponent`: a component that is compiled once, and run often. */

import type { Platform } from "../contract/platform.ts";
import { isProgram } from "./component_program.ts";
import { platformOf } from "./default_platform.ts";
import { ModuleError } from "./errors.ts";
import { witLinkerOf } from "./guest/wit_linker.ts";
import { type LoadedModule, type MixedModule, startLoading, whenCompiled } from "./module/load.ts";
import type { CompiledComponent, ModuleSource, RunOptions } from "./options/options.ts";

/**
 * Compile a component, to be run or instantiated again and again. It also loads the runtime of components, so that
 * `runSync` takes the result. A module of preview 1 that imports functions of WIT is compiled too.
 *
 * @param source The component: bytes, a path, a URL or a response.
 * @param options The platform, which reads a path.
 * @returns The component.
 *
 * @throws {ModuleError} The component can't be found or compiled, or is a module that needs no component runtime.
 *
 * @example Compile the smallest component
 * ```ts
 * import { compileComponent } from "wasirun";
 * import assert from "node:assert/strict";
 *
 * const component = await compileComponent(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0));
 * assert.deepEqual(component.imports, []);
 * ```
 */
export async function compileComponent(
  source: ModuleSource,
  options?: Pick<RunOptions, "platform">,
): Promise<CompiledComponent> {
  return await compileComponentOn(platformOf(options), source);
}

/** As {@linkcode compileComponent}, on a platform that was chosen. */
export async function compileComponentOn(platform: Platform, source: ModuleSource): Promise<CompiledComponent> {
  const loading = await startLoading(source, platform);
  if (isProgram(loading)) return loading;
  const loaded = await whenCompiled(loading);
  const wit = await witLinkerOf(loaded);
  if (wit !== undefined) return mixedModule({ ...loaded, wit });
  throw new ModuleError(`Cannot compile ${loading.label} as a component: it is a module; use WebAssembly.compile`);
}

function mixedModule(loaded: LoadedModule): MixedModule {
  const names = WebAssembly.Module.imports(loaded.module).map(({ module }) => module);
  const exports = WebAssembly.Module.exports(loaded.module).map(({ name }) => name);
  return Object.freeze({ imports: Object.freeze([...new Set(names)]), exports: Object.freeze(exports), mixed: loaded });
}
