/** `compileComponent`: a component that is compiled once, and run often. */

import type { Platform } from "../contract/platform.ts";
import { isProgram } from "./component_program.ts";
import { platformOf } from "./default_platform.ts";
import { ModuleError } from "./errors.ts";
import { startLoading } from "./module/load.ts";
import type { CompiledComponent, ModuleSource, RunOptions } from "./options/options.ts";

/**
 * Compile a component, to be run or instantiated again and again. It also loads the runtime of components, so that
 * `runSync` takes the result.
 *
 * @param source The component: bytes, a path, a URL or a response.
 * @param options The platform, which reads a path.
 * @returns The component.
 *
 * @throws {ModuleError} The component can't be found or compiled, or is a module.
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
  throw new ModuleError(`Cannot compile ${loading.label} as a component: it is a module; use WebAssembly.compile`);
}
