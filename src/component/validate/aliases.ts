/** Validates aliases. */

import { oneOfSort } from "../binary/sort_text.ts";
import { InvalidComponentError } from "../binary/invalid_component.ts";
import type {
  AliasDefinition,
  CoreExportAliasDefinition,
  ExportAliasDefinition,
  OuterAliasDefinition,
} from "../binary/model_references.ts";
import type { IndexSpaces } from "./index_spaces.ts";
import { outerType } from "../types/evaluate.ts";

/** Validate an alias, and add what it refers to. @throws {InvalidComponentError} It is not valid. */
export function addAlias(alias: AliasDefinition, spaces: IndexSpaces): void {
  switch (alias.kind) {
    case "alias-export":
      return addExport(alias, spaces);
    case "alias-core-export":
      return addCoreExport(alias, spaces);
    case "alias-outer":
      return addOuter(alias, spaces);
  }
}

function addExport({ sort, instance, name, offset }: ExportAliasDefinition, spaces: IndexSpaces): void {
  const item = spaces.at("instance", spaces.instances, instance, offset).exports.get(name);
  if (item === undefined) throw new InvalidComponentError(`instance ${instance} has no export "${name}"`, offset);
  if (item.sort !== sort) {
    throw new InvalidComponentError(
      `export "${name}" of instance ${instance} is ${oneOfSort(item.sort)}, not ${oneOfSort(sort)}`,
      offset,
    );
  }
  spaces.add(item);
}

function addCoreExport({ sort, instance, name, offset }: CoreExportAliasDefinition, spaces: IndexSpaces): void {
  const exports = spaces.at("core instance", spaces.coreInstances, instance, offset);
  const item = exports?.get(name);
  if (exports !== undefined) {
    if (item === undefined) {
      throw new InvalidComponentError(`core instance ${instance} has no export "${name}"`, offset);
    }
    if (item.sort !== sort) {
      throw new InvalidComponentError(
        `export "${name}" of core instance ${instance} is ${oneOfSort(item.sort)}, not ${oneOfSort(sort)}`,
        offset,
      );
    }
  }
  spaces.coreItems[sort].push(item);
}

function addOuter(alias: OuterAliasDefinition, spaces: IndexSpaces): void {
  const { sort, count, index, offset } = alias;
  const outer = spaces.ancestor(count, offset);
  switch (sort) {
    case "type":
      spaces.types.add(outerType(spaces.types, alias));
      break;
    case "core type":
      spaces.types.addCore(outer.types.coreType(index, offset));
      break;
    case "component":
      spaces.components.push(outer.at(sort, outer.components, index, offset));
      break;
    case "core module":
      spaces.modules.push(outer.at(sort, outer.modules, index, offset));
      break;
  }
}
