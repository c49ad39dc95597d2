/** Finds the adapter of preview 1 in a component. */

import type { Component, CoreInstantiateDefinition, CoreModuleDefinition } from "../../../component/binary/model.ts";
import { withoutVersion } from "../../../component/js/names.ts";
import { adapterIndex, PREVIEW1 } from "../adapter_index.ts";
import { isStandardAdapter } from "./standard_adapter.ts";
import { lowersOnlyImports } from "./lowered_functions.ts";

/** What the adapter of commands exports: it calls `_start` of the main module. */
const RUN_EXPORT = /^wasi:cli\/run@0\.2\.\d+#run$/;

/** An adapter. */
export interface Adapter {
  /** Its instance. */
  readonly instance: CoreInstantiateDefinition;
  /** Its export that runs the command; undefined for a reactor, whose module exports what the component does. */
  readonly run: string | undefined;
  /** What else the component uses of it. */
  readonly exports: readonly string[];
  /** The instances that import preview 1, with their modules. */
  readonly clients: ReadonlyMap<CoreInstantiateDefinition, CoreModuleDefinition>;
  /** Imports of the component that the adapter is linked to. */
  readonly interfaces: readonly string[];
}

/**
 * Find the standard adapter of a command or a reactor, of which all imports are imports of the component.
 *
 * @param component The component.
 * @param compiled Gives the compiled module of a definition.
 * @returns Undefined if there is none, or something about it is unusual.
 */
export function findAdapter(
  component: Component,
  compiled: (definition: CoreModuleDefinition) => WebAssembly.Module | undefined,
): Adapter | undefined {
  const { definitions } = component;
  const index = adapterIndex(component);
  const coreModules = definitions.filter((definition) => definition.kind === "core-module");
  const adapter = index === undefined ? undefined : coreModules[index];
  const module = adapter && compiled(adapter);
  const spaces = instancesOf(component);
  const instance = spaces.find((each) => each.kind === "core-instantiate" && each.module === index);
  if (module === undefined || instance?.kind !== "core-instantiate" || !lowersOnlyImports(component)) return undefined;
  const used = usedExports(component, spaces.indexOf(instance));
  const run = used?.find((name) => RUN_EXPORT.test(name));
  const clients = clientsOf(spaces, coreModules);
  if (used === undefined || clients === undefined) return undefined;
  const functions = [...clients.values()].flatMap((client) => preview1Imports(compiled(client)));
  if (!isStandardAdapter(module, functions, run === undefined ? "reactor" : "command")) return undefined;
  return { instance, run, exports: used, clients, interfaces: interfacesOf(component, module) };
}

type CoreInstance = Extract<Component["definitions"][number], { kind: "core-instantiate" | "core-inline-instance" }>;

function instancesOf({ definitions }: Component): readonly CoreInstance[] {
  return definitions.filter((each) => each.kind === "core-instantiate" || each.kind === "core-inline-instance");
}

/** @returns The exports of an instance that are used; undefined if they are not used one by one, and as functions. */
function usedExports({ definitions }: Component, instance: number): readonly string[] | undefined {
  const used: string[] = [];
  for (const each of definitions) {
    if (each.kind === "core-instantiate" && each.args.some((arg) => arg.instance === instance)) return undefined;
    if (each.kind !== "alias-core-export" || each.instance !== instance) continue;
    if (each.sort !== "core func") return undefined;
    used.push(each.name);
  }
  return used;
}

function clientsOf(
  spaces: readonly CoreInstance[],
  coreModules: readonly CoreModuleDefinition[],
): ReadonlyMap<CoreInstantiateDefinition, CoreModuleDefinition> | undefined {
  const clients = new Map<CoreInstantiateDefinition, CoreModuleDefinition>();
  for (const each of spaces) {
    if (each.kind !== "core-instantiate" || !each.args.some(({ name }) => name === PREVIEW1)) continue;
    const module = coreModules[each.module];
    if (module === undefined) return undefined;
    clients.set(each, module);
  }
  return clients;
}

function preview1Imports(module: WebAssembly.Module | undefined): readonly string[] {
  const imports = module === undefined ? [] : WebAssembly.Module.imports(module);
  return imports.flatMap((each) => each.module === PREVIEW1 ? each.name : []);
}

function interfacesOf({ definitions }: Component, adapter: WebAssembly.Module): readonly string[] {
  const used = new Set(WebAssembly.Module.imports(adapter).map(({ module }) => withoutVersion(module)));
  return definitions.flatMap((each) => each.kind === "import" && used.has(withoutVersion(each.name)) ? each.name : []);
}
