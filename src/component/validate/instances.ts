/** Validates instances of components. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { InlineInstanceDefinition, InstantiateDefinition } from "../binary/model.ts";
import type { NamedItem } from "../binary/model_references.ts";
import { ExternNames } from "../types/names/extern_names.ts";
import { Matcher } from "../types/compare/match.ts";
import type { ExternShape, InstanceShape } from "../types/shapes.ts";
import { Substitution } from "../types/compare/substitute.ts";
import type { IndexSpaces } from "./index_spaces.ts";

/**
 * Validate the instantiation of a component.
 *
 * @returns The type of the instance, with new resource types for those that it defines.
 * @throws {InvalidComponentError} An argument is missing or does not fit.
 */
export function instantiate(definition: InstantiateDefinition, spaces: IndexSpaces): InstanceShape {
  const { component: index, args, offset } = definition;
  const component = spaces.at("component", spaces.components, index, offset);
  const given = new Map<string, NamedItem>();
  for (const arg of args) {
    if (given.has(arg.name)) throw new InvalidComponentError(`argument "${arg.name}" is given twice`, arg.offset);
    given.set(arg.name, arg);
    // Whether the component needs it or not.
    spaces.extern(arg.sort, arg.index, arg.offset);
  }
  const matcher = new Matcher(component.importedResources, offset);
  for (const [name, needed] of component.imports) {
    const arg = given.get(name);
    if (arg === undefined) {
      throw new InvalidComponentError(
        `component ${index} imports "${name}" (${needed.sort}), which is not an argument`,
        offset,
      );
    }
    const supplied = spaces.extern(arg.sort, arg.index, arg.offset);
    if (supplied !== undefined) matcher.extern(`argument "${name}"`, supplied, needed);
  }
  const replacements = new Map(matcher.bound);
  for (const resource of component.definedResources) replacements.set(resource, { name: resource.name });
  const substitution = new Substitution(replacements, matcher.types, () => spaces.types.budget.count(offset));
  return { exports: substitution.externs(component.exports) };
}

/**
 * Validate an instance that is a list of exports.
 *
 * @returns Its type.
 * @throws {InvalidComponentError} It is not valid.
 */
export function inlineInstance({ exports }: InlineInstanceDefinition, spaces: IndexSpaces): InstanceShape {
  const shapes = new Map<string, ExternShape>();
  const names = new ExternNames("export");
  for (const { name, attributes, sort, index, offset } of exports) {
    const shape = spaces.extern(sort, index, offset);
    if (shape === undefined) continue;
    names.add({ name, attributes }, shape, offset);
    shapes.set(name, shape);
  }
  return { exports: shapes };
}
