/** TypeScript declarations of modules and components. */

import { decodeComponent } from "../../component/binary/decode.ts";
import { InvalidComponentError } from "../../component/binary/invalid_component.ts";
import { componentDeclarations } from "../../component/declarations/declarations.ts";
import { moduleDeclarations } from "../../component/declarations/module_declarations.ts";
import { readModuleShape } from "../../component/validate/core_module.ts";
import { validateComponent } from "../../component/validate/validate.ts";
import { isComponent } from "../component_program.ts";
import { ModuleError } from "../errors.ts";
import { checkHeader } from "../module/header.ts";
import type { SourceBytes } from "../module/source.ts";

/** Modules of imports that wasirun has. */
const PREVIEW1 = /^wasi_(?:snapshot_preview1|unstable)$/;

/** True for interfaces of WASI, which the host has, so that few callers pass them. */
const isOfWasi = (name: string): boolean => name.startsWith("wasi:");

/**
 * The text of a `.d.ts` file with what a module or a component imports and exports, by the conventions of `instantiate`.
 *
 * @param source The binary.
 * @throws {ModuleError} It is neither a module nor a component, or is not valid.
 */
export function declarationsOf({ bytes, label, basename }: SourceBytes): string {
  const isOfComponent = isComponent(bytes);
  const heading = `// What the ${isOfComponent ? "component" : "module"} ${
    JSON.stringify(basename)
  } imports and exports.\n`;
  return `${heading}\n${isOfComponent ? ofComponent(bytes, label) : ofModule(bytes, label)}`;
}

function ofComponent(bytes: Uint8Array<ArrayBuffer>, label: string): string {
  try {
    return componentDeclarations(validateComponent(decodeComponent(bytes)), isOfWasi);
  } catch (error) {
    if (!(error instanceof InvalidComponentError)) throw error;
    throw new ModuleError(`Cannot load ${label}: ${error.message}`, { cause: error });
  }
}

function ofModule(bytes: Uint8Array<ArrayBuffer>, label: string): string {
  checkHeader(bytes, label, "read the types of");
  const shape = readModuleShape(bytes, 0);
  if (shape === undefined) {
    throw new ModuleError(`Cannot read the types of ${label}: it is malformed, or uses types that are not known here`);
  }
  return moduleDeclarations(shape, (module) => PREVIEW1.test(module));
}
