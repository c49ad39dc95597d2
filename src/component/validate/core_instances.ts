/** Validates core instances. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { CoreInlineInstanceDefinition, CoreInstantiateDefinition } from "../binary/model.ts";
import { coreMismatch } from "../types/compare/match_module.ts";
import type { CoreExternShape } from "../types/module_shape.ts";
import type { CoreInstanceShape, IndexSpaces } from "./index_spaces.ts";

/**
 * Validate the instantiation of a core module.
 *
 * @returns What the instance exports.
 * @throws {InvalidComponentError} It is not valid.
 */
export function coreInstance(definition: CoreInstantiateDefinition, spaces: IndexSpaces): CoreInstanceShape {
  const { module: index, args, offset } = definition;
  const module = spaces.at("core module", spaces.modules, index, offset);
  const instances = new Map<string, CoreInstanceShape>();
  for (const { name, instance } of args) {
    if (instances.has(name)) throw new InvalidComponentError(`argument "${name}" is given twice`, offset);
    instances.set(name, spaces.at("core instance", spaces.coreInstances, instance, offset));
  }
  for (const { module: from, name, type } of module?.imports ?? []) {
    if (!instances.has(from)) {
      throw new InvalidComponentError(`core module ${index} imports from "${from}", which is not an argument`, offset);
    }
    const exports = instances.get(from);
    const problem = exports === undefined ? undefined : importProblem(exports.get(name), type);
    if (problem === undefined) continue;
    throw new InvalidComponentError(
      `type mismatch: core module ${index} imports "${from}" "${name}", which ${problem}`,
      offset,
    );
  }
  return module?.exports;
}

function importProblem(supplied: CoreExternShape | undefined, needed: CoreExternShape): string | undefined {
  return supplied === undefined ? "is not exported by the argument" : coreMismatch(supplied, needed);
}

/**
 * Validate a core instance that is a list of exports.
 *
 * @returns What the instance exports; undefined if the type of one is unknown.
 * @throws {InvalidComponentError} It is not valid.
 */
export function coreInlineInstance(
  { exports, offset }: CoreInlineInstanceDefinition,
  spaces: IndexSpaces,
): CoreInstanceShape {
  const shapes = new Map<string, CoreExternShape>();
  const names = new Set<string>();
  for (const { name, sort, index } of exports) {
    if (names.has(name)) throw new InvalidComponentError(`export name "${name}" is used twice`, offset);
    names.add(name);
    const item = spaces.at(sort, spaces.coreItems[sort], index, offset);
    if (item !== undefined) shapes.set(name, item);
  }
  return shapes.size === names.size ? shapes : undefined;
}
