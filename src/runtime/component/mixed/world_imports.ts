/** Links what a world imports, as far as a core module uses it. */

import type { ImportDefinition } from "../../../component/binary/model.ts";
import type { Declaration } from "../../../component/binary/model_types.ts";
import { HostComponentFunction } from "../../../component/link/call/host_component_function.ts";
import type { Linking } from "../../../component/link/call/linking.ts";
import type { ImportResolver } from "../../../component/link/import_resolver.ts";
import { ComponentLinkError } from "../../../component/link/link_error.ts";
import { type InstanceExports, type LinkItem, LinkScope } from "../../../component/link/link_scope.ts";
import { linkComponent } from "../../../component/link/linker.ts";
import { ResourceType } from "../../../component/link/resource_type.ts";
import { evaluateExtern, type ResourceProvider } from "../../../component/types/evaluate.ts";
import { type ScopeType, TypeScope } from "../../../component/types/scope.ts";
import { functionTypeText } from "../../../component/types/text.ts";
import type { World } from "./type_sections.ts";

/** The functions that a module uses, by the names of modules and functions. */
export type UsedFunctions = ReadonlyMap<string, ReadonlySet<string>>;

/** What the world itself imports, as core modules have it. */
const ROOT = "$root";

/**
 * Link a world.
 *
 * @param world The world.
 * @param used What the module imports: nothing else needs to be there.
 * @param imports What its imports are linked to.
 * @param linking What all definitions of the guest share.
 * @returns By the name of the module and that of the item. Functions that are not used are left out.
 * @throws {ComponentLinkError} If something that is used is missing, or of another type.
 */
export function linkWorld(
  { definitions }: World,
  used: UsedFunctions,
  imports: ImportResolver,
  linking: Linking,
): ReadonlyMap<string, InstanceExports> {
  const resolver = new WorldImports(used, imports, linking);
  // The world stands in the type of a package, which stands in a component.
  const scope = new LinkScope(new LinkScope());
  const component = { definitions, customSections: [], offset: 0 };
  linkComponent({ component, scope }, { linking, modules: new Map(), imports: resolver });
  return resolver.linked;
}

/** Resolves the imports of a world, and keeps them. */
class WorldImports implements ImportResolver {
  readonly linked: Map<string, InstanceExports> = new Map();
  readonly #root: Map<string, LinkItem> = new Map();
  readonly #used: UsedFunctions;
  readonly #imports: ImportResolver;
  readonly #linking: Linking;

  constructor(used: UsedFunctions, imports: ImportResolver, linking: Linking) {
    this.#used = used;
    this.#imports = imports;
    this.#linking = linking;
    this.linked.set(ROOT, this.#root);
  }

  resolve(definition: ImportDefinition, scope: TypeScope): LinkItem {
    const { name, type } = definition;
    if (type.sort === "instance") {
      const item = this.#instance(definition, scope);
      if (item.sort === "instance") this.linked.set(name, item.value);
      return item;
    }
    if (type.sort === "func" && this.#used.get(ROOT)?.has(name) !== true) return this.#unused(definition, scope);
    const item = this.#imports.resolve(definition, scope);
    this.#root.set(name, item);
    return item;
  }

  /** An interface with no more functions than are used. One that is not used needs not be there. */
  #instance(definition: ImportDefinition, scope: TypeScope): LinkItem {
    const used = this.#used.get(definition.name);
    const pruned = new TypeScope(scope);
    pruned.add(withFunctions(instanceType(definition, scope), used ?? new Set()));
    const import_: ImportDefinition = { ...definition, type: { sort: "instance", type: 0 } };
    try {
      return this.#imports.resolve(import_, pruned);
    } catch (error) {
      if (used !== undefined || !(error instanceof ComponentLinkError)) throw error;
      return typesOf(import_, pruned);
    }
  }

  #unused({ type, offset }: ImportDefinition, scope: TypeScope): LinkItem {
    if (type.sort !== "func") throw new TypeError(`Not a function: a ${type.sort}`);
    const functionType = scope.functionType(type.type, offset);
    const fn = { type: functionTypeText(functionType) };
    return { sort: "func", value: new HostComponentFunction(functionType, fn, this.#linking) };
  }
}

function instanceType({ type, offset }: ImportDefinition, scope: TypeScope): ScopeType {
  if (type.sort !== "instance") throw new TypeError(`Not an instance: a ${type.sort}`);
  return scope.scopeType(type.type, "instance", offset);
}

/** A type of instances that exports only some functions: no index refers to a function. */
function withFunctions(type: ScopeType, names: ReadonlySet<string>): ScopeType {
  const isKept = (each: Declaration): boolean =>
    each.kind !== "export" || each.type.sort !== "func" || names.has(each.name);
  return { ...type, declarations: type.declarations.filter(isKept) };
}

/** The types of an interface that nobody provides, with resources of their own: other interfaces may name them. */
function typesOf({ name, type, offset }: ImportDefinition, scope: TypeScope): LinkItem {
  const provider: ResourceProvider = { resource: (key) => new ResourceType(key), instance: () => provider };
  const shape = evaluateExtern(name, type, scope, provider, offset);
  const items = new Map<string, LinkItem>();
  if (shape.sort !== "instance") throw new TypeError(`Not an instance: a ${shape.sort}`);
  for (const [key, item] of shape.shape.exports) {
    if (item.sort === "type") items.set(key, { sort: "type", value: item.type });
  }
  return { sort: "instance", value: items };
}
