/** TypeScript declarations of what a core module imports and exports. */

import type { CoreFunctionType } from "../binary/model_types.ts";
import type { CoreExternShape, ModuleShape } from "../types/module_shape.ts";
import { propertyKey } from "./identifiers.ts";

/** In JavaScript, what a core type of values is. A vector can't be passed. */
const VALUES: Readonly<Record<string, string>> = {
  i32: "number",
  i64: "bigint",
  f32: "number",
  f64: "number",
  v128: "never",
  funcref: "Function | null",
};

/**
 * The text of a `.d.ts` file with the interfaces `Imports` and `Exports`.
 *
 * @param shape The type of the module.
 * @param isProvided True for a module of imports that need not be in `imports`, because the host has it.
 */
export function moduleDeclarations(shape: ModuleShape, isProvided: (module: string) => boolean): string {
  const imports = new Map<string, string[]>();
  for (const { module, name, type } of shape.imports) {
    if (isProvided(module)) continue;
    const members = imports.get(module) ?? [];
    imports.set(module, [...members, `    ${member(name, type, "import")};`]);
  }
  const exports = [...shape.exports].map(([name, type]) => `  ${member(name, type, "export")};`);
  return [
    "/** What it imports beside WASI: the option `imports`. */",
    "export type Imports = {",
    ...[...imports].flatMap(([module, members]) => [`  ${propertyKey(module)}: {`, ...members, "  };"]),
    "};",
    "",
    "/** What it exports. */",
    "export type Exports = {",
    ...exports,
    "};",
    "",
  ].join("\n");
}

function member(name: string, type: CoreExternShape, direction: "import" | "export"): string {
  const key = propertyKey(name);
  switch (type.sort) {
    case "core func":
      return `${key}${functionText(type.type, direction)}`;
    case "core memory":
      return `readonly ${key}: { readonly buffer: ArrayBuffer; grow(delta: number): number }`;
    case "core global":
      return `readonly ${key}: { ${type.isMutable ? "" : "readonly "}value: ${valueText(type.type)} }`;
    case "core table":
      return `readonly ${key}: { readonly length: number; get(index: number): ${valueText(type.element)} }`;
    case "core tag":
      return `readonly ${key}: object`;
  }
}

function functionText({ params, results }: CoreFunctionType, direction: "import" | "export"): string {
  const list = params.map((param, i) => `p${i}: ${valueText(param)}`).join(", ");
  const result = results.length > 1
    ? `[${results.map(valueText).join(", ")}]`
    : results[0] === undefined
    ? "void"
    : valueText(results[0]);
  return `(${list}): ${direction === "import" ? `${result} | Promise<${result}>` : result}`;
}

function valueText(type: string): string {
  return VALUES[type] ?? "unknown";
}
