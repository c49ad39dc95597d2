/** The core modules of a component, compiled. */

import type { Component, CoreModuleDefinition } from "../binary/model.ts";

/** Up to this many bytes, a module compiles faster than a promise resolves. */
const SMALL = 4096;

/** Compiled core modules by their definitions. They can be instantiated any number of times. */
export type CoreModules = ReadonlyMap<CoreModuleDefinition, WebAssembly.Module>;

/**
 * Compile the core modules of a component and of those nested in it.
 *
 * @param component The component.
 * @throws {WebAssembly.CompileError} If the engine refuses one.
 */
export function compileCoreModules(component: Component): CoreModules {
  const modules = new Map<CoreModuleDefinition, WebAssembly.Module>();
  for (const definition of definitionsOf(component)) modules.set(definition, new WebAssembly.Module(definition.bytes));
  return modules;
}

/** As {@linkcode compileCoreModules}, all at once, on other threads of the engine. */
export async function compileCoreModulesAsync(component: Component): Promise<CoreModules> {
  const compiled = definitionsOf(component).map(async (definition) => {
    const { bytes } = definition;
    const module = bytes.length <= SMALL ? new WebAssembly.Module(bytes) : await WebAssembly.compile(bytes);
    return [definition, module] as const;
  });
  return new Map(await Promise.all(compiled));
}

function definitionsOf({ definitions }: Component): CoreModuleDefinition[] {
  return definitions.flatMap((definition) => {
    if (definition.kind === "component") return definitionsOf(definition.component);
    return definition.kind === "core-module" ? [definition] : [];
  });
}
