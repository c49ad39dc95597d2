/**
 * Evaluates types of instances and components: every `(sub resource)` gets an identity, every index becomes a type.
 *
 * The linker evaluates the type of an import against what is supplied for it:
 *
 *     const type = scope.scopeType(index, "instance", offset);
 *     const shape = evaluateInstanceType(type, { resource: (name) => host.resources[name], … }, offset);
 *     for (const [name, item] of shape.exports) …   // functions whose types refer to the supplied resource types
 *
 * @module
 */

import { oneOfSort } from "../binary/sort_text.ts";
import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { AliasDefinition } from "../binary/model_references.ts";
import type { Declaration, ExternType } from "../binary/model_types.ts";
import { defineCoreType } from "./define_core.ts";
import { defineType } from "./define.ts";
import { hasResource, hasResourceIn } from "./resources.ts";
import type { ComponentShape, ExternShape, InstanceShape } from "./shapes.ts";
import { ExternNames } from "./names/extern_names.ts";
import { NamedTypes } from "./names/named_types.ts";
import { namedType } from "./named_type.ts";
import type { ResourceIdentity } from "./resource_identity.ts";
import { type DefinedType, outOfRange, type ScopeType, TypeScope } from "./scope.ts";

/** Supplies the resource types that stand for `(sub resource)`. */
export interface ResourceProvider {
  /**
   * The resource type under a name.
   *
   * @param name Name of the import or export.
   * @param offset Where it is declared, for messages.
   */
  resource(name: string, offset: number): ResourceIdentity;
  /** What supplies those of the instance under a name. */
  instance(name: string): ResourceProvider;
}

/** Makes a resource type for each name, for types that nothing is supplied for. */
export class FreshResources implements ResourceProvider {
  /** What has been made. */
  readonly made: Set<ResourceIdentity> = new Set();

  resource(name: string): ResourceIdentity {
    const resource: ResourceIdentity = { name };
    this.made.add(resource);
    return resource;
  }

  instance(): ResourceProvider {
    return this;
  }
}

/**
 * Evaluate a type of instances.
 *
 * @param type The type.
 * @param provider Supplies the resource types that it exports.
 * @param offset Where it is used, for messages.
 * @returns What such an instance exports.
 * @throws {InvalidComponentError} The type is not valid.
 */
export function evaluateInstanceType(type: ScopeType, provider: ResourceProvider, offset: number): InstanceShape {
  return type.scope.budget.nested(offset, () => {
    const declarations = new DeclarationScope(type, { import: provider, export: provider });
    for (const declaration of type.declarations) declarations.declare(declaration);
    return { exports: declarations.exports };
  });
}

/**
 * Evaluate a type of components, with a resource type of its own for each that it imports or exports.
 *
 * @param type The type.
 * @param offset Where it is used, for messages.
 * @throws {InvalidComponentError} The type is not valid.
 */
export function evaluateComponentType(type: ScopeType, offset: number): ComponentShape {
  return type.scope.budget.nested(offset, () => {
    const imported = new FreshResources();
    const defined = new FreshResources();
    const declarations = new DeclarationScope(type, { import: imported, export: defined });
    for (const declaration of type.declarations) declarations.declare(declaration);
    const { imports, exports } = declarations;
    return { imports, exports, importedResources: imported.made, definedResources: defined.made };
  });
}

/**
 * Evaluate the type of an import or an export.
 *
 * @param name Its name.
 * @param type Its type.
 * @param scope Where it stands.
 * @param provider Supplies the resource types in it.
 * @param offset Where it stands, for messages.
 * @returns Its type. The caller adds it to the index spaces.
 * @throws {InvalidComponentError} The type is not valid.
 */
export function evaluateExtern(
  name: string,
  type: ExternType,
  scope: TypeScope,
  provider: ResourceProvider,
  offset: number,
): ExternShape {
  switch (type.sort) {
    case "func":
      return { sort: "func", type: scope.functionType(type.type, offset) };
    case "type":
      if (type.equal !== undefined) return { sort: "type", type: namedType(scope.type(type.equal, offset)) };
      return { sort: "type", type: { kind: "resource", resource: provider.resource(name, offset) } };
    case "instance": {
      const instanceType = scope.scopeType(type.type, "instance", offset);
      return { sort: "instance", shape: evaluateInstanceType(instanceType, provider.instance(name), offset) };
    }
    case "component":
      return {
        sort: "component",
        shape: evaluateComponentType(scope.scopeType(type.type, "component", offset), offset),
      };
    case "core module":
      return { sort: "core module", shape: scope.moduleType(type.type, offset) };
  }
}

/** Check a definition of a type of instances or components, whether it is used or not; any other type is valid. */
export function checkScopeType(type: DefinedType, offset: number): void {
  if (type.kind === "instance") evaluateInstanceType(type as ScopeType, new FreshResources(), offset);
  else if (type.kind === "component") evaluateComponentType(type as ScopeType, offset);
}

/** One for imports, one for exports. */
type Each<T> = Readonly<Record<"import" | "export", T>>;

/** The index spaces and names of a type of instances or components while it is evaluated. */
class DeclarationScope {
  readonly imports: Map<string, ExternShape> = new Map();
  readonly exports: Map<string, ExternShape> = new Map();
  readonly #types: TypeScope;
  readonly #instances: InstanceShape[] = [];
  readonly #providers: Each<ResourceProvider>;
  readonly #names: Each<ExternNames> = { import: new ExternNames("import"), export: new ExternNames("export") };
  /** Undefined in types of instances, which are checked where they are imported or exported. */
  readonly #namedTypes: Each<NamedTypes> | undefined;

  constructor({ kind, scope }: ScopeType, providers: Each<ResourceProvider>) {
    this.#types = new TypeScope(scope);
    this.#providers = providers;
    if (kind === "instance" || !scope.budget.isForValidation) return;
    const imported = new NamedTypes();
    this.#namedTypes = { import: imported, export: new NamedTypes(imported) };
  }

  declare(declaration: Declaration): void {
    const { offset } = declaration;
    switch (declaration.kind) {
      case "core-type":
        this.#types.addCore(defineCoreType(declaration.type, this.#types));
        break;
      case "type": {
        const type = defineType(declaration.type, this.#types, offset);
        if (this.#types.budget.isForValidation) checkScopeType(type, offset);
        this.#types.add(type);
        break;
      }
      case "import":
        this.#extern(declaration, this.imports);
        break;
      case "export":
        this.#extern(declaration, this.exports);
        break;
      default:
        this.#alias(declaration);
    }
  }

  #extern(
    declaration: Declaration & { readonly kind: "import" | "export" },
    shapes: Map<string, ExternShape>,
  ): void {
    const { kind, name, type, offset } = declaration;
    this.#types.budget.count(offset);
    const shape = evaluateExtern(name, type, this.#types, this.#providers[kind], offset);
    this.#names[kind].add(declaration, shape, offset);
    this.#namedTypes?.[kind].add(`${kind} "${name}"`, shape, offset);
    shapes.set(name, shape);
    if (shape.sort === "type") this.#types.add(shape.type);
    else if (shape.sort === "instance") this.#instances.push(shape.shape);
  }

  #alias(alias: AliasDefinition): void {
    const { kind, sort, offset } = alias;
    if (kind === "alias-outer" && sort === "type") {
      this.#types.add(outerType(this.#types, alias));
    } else if (kind === "alias-outer" && sort === "core type") {
      this.#types.addCore(this.#types.ancestor(alias.count, offset).coreType(alias.index, offset));
    } else if (kind === "alias-export" && (sort === "type" || sort === "instance")) {
      const item = exportOf(this.#instances, alias.instance, alias.name, offset);
      if (item.sort === "type" && sort === "type") this.#types.add(item.type);
      else if (item.sort === "instance" && sort === "instance") this.#instances.push(item.shape);
      else {throw new InvalidComponentError(
          `export "${alias.name}" is ${oneOfSort(item.sort)}, not ${oneOfSort(sort)}`,
          offset,
        );}
    } else {
      throw new InvalidComponentError(
        `${oneOfSort(sort)} can't be aliased inside an instance or component type`,
        offset,
      );
    }
  }
}

/**
 * The type that an outer alias refers to. A type that refers to resource types can't be aliased out of a component: they
 * are others for each of its instances.
 *
 * @throws {InvalidComponentError} There is none, or it can't be aliased.
 */
export function outerType(
  scope: TypeScope,
  { count, index, offset }: { readonly count: number; readonly index: number; readonly offset: number },
): DefinedType {
  const outer = scope.ancestor(count, offset);
  const type = outer.type(index, offset);
  if (scope.budget.isForValidation && scope.component !== outer.component && hasForeignResource(type, offset)) {
    throw new InvalidComponentError(
      `outer type ${index} transitively refers to resources, and such types can't be aliased across components`,
      offset,
    );
  }
  return type;
}

/** True if a type refers to a resource type that it does not bring with it. */
function hasForeignResource(type: DefinedType, offset: number): boolean {
  if (type.kind !== "instance" && type.kind !== "component") return hasResource(type, new Set());
  const own = new FreshResources();
  if (type.kind === "instance") {
    const { exports } = evaluateInstanceType(type as ScopeType, own, offset);
    return hasResourceIn(exports, own.made);
  }
  const { imports, exports, importedResources, definedResources } = evaluateComponentType(type as ScopeType, offset);
  const known = new Set([...importedResources, ...definedResources]);
  return hasResourceIn(imports, known) || hasResourceIn(exports, known);
}

function exportOf(instances: readonly InstanceShape[], index: number, name: string, offset: number): ExternShape {
  const instance = instances[index];
  if (instance === undefined) throw new InvalidComponentError(outOfRange("instance", index, instances.length), offset);
  const item = instance.exports.get(name);
  if (item === undefined) throw new InvalidComponentError(`instance ${index} has no export "${name}"`, offset);
  return item;
}
