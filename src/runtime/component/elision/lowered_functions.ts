/** Where the functions come from that a component lowers. */

import type { Component, Definition } from "../../../component/binary/model.ts";

/**
 * True if each function that a component lowers is one that it imports, and none is that of a component in it.
 *
 * @param component The component.
 */
export function lowersOnlyImports({ definitions }: Component): boolean {
  /** By index: whether it is imported. */
  const instances: boolean[] = [];
  const functions: boolean[] = [];
  for (const definition of definitions) {
    if (isLowerOf(definition, (index) => functions[index] !== true)) return false;
    const sort = sortOf(definition);
    if (sort === "instance") instances.push(definition.kind === "import");
    if (sort !== "func") continue;
    const isOfImport = definition.kind === "alias-export" && instances[definition.instance] === true;
    functions.push(isOfImport || definition.kind === "import");
  }
  return true;
}

function isLowerOf(definition: Definition, test: (index: number) => boolean): boolean {
  return definition.kind === "canon" && definition.canon.operation === "lower" && test(definition.canon.function);
}

/** The index space that a definition extends, if it is that of functions or that of instances. */
function sortOf(definition: Definition): "func" | "instance" | undefined {
  switch (definition.kind) {
    case "import":
      return oneOf(definition.type.sort);
    case "alias-export":
    case "export":
      return oneOf(definition.sort);
    case "canon":
      return definition.canon.operation === "lift" ? "func" : undefined;
    case "instantiate":
    case "inline-instance":
      return "instance";
    default:
      return undefined;
  }
}

function oneOf(sort: string): "func" | "instance" | undefined {
  return sort === "func" || sort === "instance" ? sort : undefined;
}
