/**
 * Validates components: indices, types, names and arguments. The linker relies on it.
 *
 * Core modules are not validated: the engine does that when it compiles them.
 *
 * @module
 */

import type {
  Component,
  CoreModuleDefinition,
  Definition,
  ExportDefinition,
  ImportDefinition,
  TypeDefinition,
} from "../binary/model.ts";
import type { ResourceTypeExpression } from "../binary/model_types.ts";
import { InvalidComponentError } from "../binary/invalid_component.ts";
import { defineCoreType } from "../types/define_core.ts";
import { defineType } from "../types/define.ts";
import { checkScopeType, evaluateExtern, evaluateInstanceType, FreshResources } from "../types/evaluate.ts";
import { EvaluationBudget } from "../types/evaluation_budget.ts";
import { ExternNames } from "../types/names/extern_names.ts";
import { Matcher } from "../types/compare/match.ts";
import { coreFunctionText } from "../types/compare/match_module.ts";
import { namedType } from "../types/named_type.ts";
import type { ResourceIdentity } from "../types/resource_identity.ts";
import type { ScopeType } from "../types/scope.ts";
import type { ComponentShape, ExternShape } from "../types/shapes.ts";
import { addAlias } from "./aliases.ts";
import { CanonRules } from "./canon_rules.ts";
import { coreInlineInstance, coreInstance } from "./core_instances.ts";
import { readModuleShape } from "./core_module.ts";
import { IndexSpaces } from "./index_spaces.ts";
import { inlineInstance, instantiate } from "./instances.ts";
import { collectResources } from "../types/resources.ts";
import { NamedTypes } from "../types/names/named_types.ts";

/**
 * Validate a component and all that are nested in it.
 *
 * @param component The component.
 * @returns Its type. Each resource type in it has an identity that belongs to no instance.
 * @throws {InvalidComponentError} It is not valid.
 */
export function validateComponent(component: Component): ComponentShape {
  return new ComponentValidator(undefined, new EvaluationBudget({ isForValidation: true })).validate(component);
}

const DESTRUCTOR = "func (i32) -> ()";

class ComponentValidator {
  readonly #spaces: IndexSpaces;
  readonly #budget: EvaluationBudget;
  readonly #ownResources = new Set<ResourceIdentity>();
  readonly #imported = new FreshResources();
  readonly #imports = new Map<string, ExternShape>();
  readonly #exports = new Map<string, ExternShape>();
  readonly #importNames = new ExternNames("import");
  readonly #exportNames = new ExternNames("export");
  readonly #importedTypes = new NamedTypes();
  readonly #exportedTypes = new NamedTypes(this.#importedTypes);
  readonly #canon: CanonRules;

  constructor(outer: IndexSpaces | undefined, budget: EvaluationBudget) {
    this.#spaces = new IndexSpaces(outer, budget);
    this.#budget = budget;
    this.#canon = new CanonRules(this.#spaces, this.#ownResources);
  }

  validate({ definitions }: Component): ComponentShape {
    for (const definition of definitions) this.#define(definition);
    const definedResources = new Set<ResourceIdentity>();
    for (const shape of this.#exports.values()) collectResources(shape, this.#imported.made, definedResources);
    return {
      imports: this.#imports,
      exports: this.#exports,
      importedResources: this.#imported.made,
      definedResources,
    };
  }

  #define(definition: Definition): void {
    const spaces = this.#spaces;
    const { offset } = definition;
    switch (definition.kind) {
      case "core-module":
        this.#coreModule(definition);
        break;
      case "core-instantiate":
        spaces.coreInstances.push(coreInstance(definition, spaces));
        break;
      case "core-inline-instance":
        spaces.coreInstances.push(coreInlineInstance(definition, spaces));
        break;
      case "core-type":
        spaces.types.addCore(defineCoreType(definition.type, spaces.types));
        break;
      case "component":
        spaces.components.push(new ComponentValidator(spaces, this.#budget).validate(definition.component));
        break;
      case "instantiate":
        spaces.instances.push(instantiate(definition, spaces));
        break;
      case "inline-instance":
        spaces.instances.push(inlineInstance(definition, spaces));
        break;
      case "type":
        this.#type(definition);
        break;
      case "canon":
        this.#canon.define(definition.canon, offset);
        break;
      case "import":
        this.#import(definition);
        break;
      case "export":
        this.#export(definition);
        break;
      default:
        addAlias(definition, spaces);
    }
  }

  #coreModule({ bytes, offset }: CoreModuleDefinition): void {
    const shape = readModuleShape(bytes, offset);
    const names = new Set<string>();
    for (const { module, name } of shape?.imports ?? []) {
      const key = `${module}\0${name}`;
      if (names.has(key)) {
        throw new InvalidComponentError(`a core module has a duplicate import name "${module}" "${name}"`, offset);
      }
      names.add(key);
    }
    this.#spaces.modules.push(shape);
  }

  #type({ type: expression, offset }: TypeDefinition): void {
    const { types } = this.#spaces;
    const type = defineType(expression, types, offset, (resource) => this.#resource(resource, offset));
    checkScopeType(type, offset);
    types.add(type);
  }

  #resource({ destructor }: ResourceTypeExpression, offset: number): ResourceIdentity {
    const type = destructor === undefined ? undefined : this.#spaces.coreFunction(destructor, offset);
    if (type !== undefined && coreFunctionText(type) !== DESTRUCTOR) {
      throw new InvalidComponentError(
        `the destructor of a resource is ${coreFunctionText(type)}, and ${DESTRUCTOR} is needed`,
        offset,
      );
    }
    const resource: ResourceIdentity = { name: "resource" };
    this.#ownResources.add(resource);
    return resource;
  }

  #import(definition: ImportDefinition): void {
    const { name, type, offset } = definition;
    this.#budget.count(offset);
    const shape = evaluateExtern(name, type, this.#spaces.types, this.#imported, offset);
    this.#importNames.add(definition, shape, offset);
    this.#importedTypes.add(`import "${name}"`, shape, offset);
    this.#checkInstanceType(this.#importedTypes, `import "${name}"`, shape, offset);
    this.#spaces.add(shape);
    this.#imports.set(name, shape);
  }

  #export(definition: ExportDefinition): void {
    const { name, sort, index, offset } = definition;
    this.#budget.count(offset);
    const item = this.#spaces.extern(sort, index, offset);
    if (item === undefined) {
      // A core module that can't be read.
      this.#spaces.modules.push(undefined);
      return;
    }
    const shape = this.#exportShape(item, definition);
    this.#exportNames.add(definition, shape, offset);
    this.#exportedTypes.add(`export "${name}"`, shape, offset);
    this.#checkInstanceType(this.#exportedTypes, `export "${name}"`, shape, offset);
    this.#spaces.add(shape);
    this.#exports.set(name, shape);
  }

  /** What instances of a type export may only use types that have a name there. */
  #checkInstanceType(names: NamedTypes, what: string, item: ExternShape, offset: number): void {
    if (item.sort !== "type" || item.type.kind !== "instance") return;
    const shape = evaluateInstanceType(item.type as ScopeType, new FreshResources(), offset);
    new NamedTypes(names).add(what, { sort: "instance", shape }, offset);
  }

  #exportShape(item: ExternShape, { name, type, offset }: ExportDefinition): ExternShape {
    if (type === undefined) return item.sort === "type" ? { sort: "type", type: namedType(item.type) } : item;
    const fresh = new FreshResources();
    const needed = evaluateExtern(name, type, this.#spaces.types, fresh, offset);
    new Matcher(fresh.made, offset).extern(`export "${name}"`, item, needed);
    return needed;
  }
}
