/**
 * The interfaces of WASI 0.2 as their WIT has them.
 *
 * @module
 */

import { decodeComponent } from "../../src/component/binary/decode.ts";
import type { Definition } from "../../src/component/binary/model.ts";
import type { Declaration } from "../../src/component/binary/model_types.ts";
import { evaluateComponentType } from "../../src/component/types/evaluate.ts";
import type { FunctionType } from "../../src/component/types/function_type.ts";
import { TypeScope } from "../../src/component/types/scope.ts";
import { componentOfWorld } from "../tools/component_guests.ts";

/** An interface. */
export interface WitInterface {
  /** Its name with its version. */
  readonly name: string;
  readonly functions: ReadonlyMap<string, FunctionType>;
  readonly resources: readonly string[];
}

function isDeclaration(definition: Definition): definition is Definition & Declaration {
  const { kind } = definition;
  return kind === "type" || kind === "import" || (kind === "alias-export" && definition.sort === "type");
}

/** All that a world imports. @param world Text of the world: `include wasi:cli/imports@0.2.12;`. */
export async function importsOfWorld(world: string): Promise<WitInterface[]> {
  const { definitions } = decodeComponent(await componentOfWorld(world));
  const declarations = definitions.filter(isDeclaration);
  const { imports } = evaluateComponentType({ kind: "component", declarations, scope: new TypeScope() }, 0);
  return [...imports].map(([name, extern]) => {
    const functions = new Map<string, FunctionType>();
    const resources: string[] = [];
    for (const [item, type] of extern.sort === "instance" ? extern.shape.exports : []) {
      if (type.sort === "func") functions.set(item, type.type);
      else if (type.sort === "type" && type.type.kind === "resource") resources.push(item);
    }
    return { name, functions, resources };
  });
}
