/**
 * Index spaces of types.
 *
 * Types of instances and components are kept as declarations with the scope that they stand in, and evaluated when they
 * are used (`evaluate.ts`): each use of `(export "r" (type (sub resource)))` stands for another resource type.
 *
 * @module
 */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import type { CoreFunctionType, Declaration, TypeReference } from "../binary/model_types.ts";
import { EvaluationBudget } from "./evaluation_budget.ts";
import type { FunctionType } from "./function_type.ts";
import type { ModuleShape } from "./module_shape.ts";
import { PRIMITIVES } from "./primitive.ts";
import type { ResourceIdentity } from "./resource_identity.ts";
import type { ValueType } from "./value_type.ts";

/** A resource type, as types refer to it. */
export interface ResourceItem {
  readonly kind: "resource";
  readonly resource: ResourceIdentity;
}

/** A type of instances or of components that is not evaluated: see `evaluate.ts`. */
export interface ScopeType {
  readonly kind: "instance" | "component";
  readonly declarations: readonly Declaration[];
  /** The scope that it is defined in. */
  readonly scope: TypeScope;
}

/** What an index of types can refer to. */
export type DefinedType = ValueType | FunctionType | ResourceItem | ScopeType;

/** What an index of core types can refer to. */
export type DefinedCoreType = CoreFunctionType | ModuleShape;

/**
 * The index spaces of types and core types of a component, or of a type of instances or components.
 *
 * Definitions are added in the order of the binary: those of `(type …)` by `defineType`, imported, exported and aliased
 * types by {@linkcode TypeScope.add}.
 */
export class TypeScope {
  /** The scope that it stands in; undefined for that of the outermost component. */
  readonly outer: TypeScope | undefined;
  /** The scope of the component that it stands in. */
  readonly component: TypeScope;
  /** Bounds evaluation; one for all scopes of a component. */
  readonly budget: EvaluationBudget;
  readonly #types: DefinedType[] = [];
  readonly #coreTypes: DefinedCoreType[] = [];

  /**
   * Make a scope.
   *
   * @param outer The scope that it stands in.
   * @param options What it is the scope of, a type if this is not said; what bounds evaluation, for the outermost scope.
   */
  constructor(
    outer?: TypeScope,
    { isComponent = false, budget = new EvaluationBudget() }: {
      readonly isComponent?: boolean;
      readonly budget?: EvaluationBudget;
    } = {},
  ) {
    this.outer = outer;
    this.component = isComponent || outer === undefined ? this : outer.component;
    this.budget = outer?.budget ?? budget;
  }

  /** Number of types. */
  get typeCount(): number {
    return this.#types.length;
  }

  /** Add a type under the next index. */
  add(type: DefinedType): void {
    this.#types.push(type);
  }

  /** Add a core type under the next index of core types. */
  addCore(type: DefinedCoreType): void {
    this.#coreTypes.push(type);
  }

  /**
   * The type at an index.
   *
   * @param index The index.
   * @param offset Where the index stands, for messages, as for all methods here.
   * @throws {InvalidComponentError} There is none.
   */
  type(index: number, offset: number): DefinedType {
    const type = this.#types[index];
    if (type === undefined) throw new InvalidComponentError(outOfRange("type", index, this.#types.length), offset);
    return type;
  }

  /** The core type at an index. @throws {InvalidComponentError} There is none. */
  coreType(index: number, offset: number): DefinedCoreType {
    const type = this.#coreTypes[index];
    if (type === undefined) {
      throw new InvalidComponentError(outOfRange("core type", index, this.#coreTypes.length), offset);
    }
    return type;
  }

  /** The type of core modules at an index of core types. @throws {InvalidComponentError} There is none. */
  moduleType(index: number, offset: number): ModuleShape {
    const type = this.coreType(index, offset);
    if (type.kind === "core-module") return type;
    throw new InvalidComponentError(`core type ${index} is a function type, and a module type is needed`, offset);
  }

  /** The type of values that is meant. @throws {InvalidComponentError} There is none. */
  valueType(reference: TypeReference, offset: number): ValueType {
    if (typeof reference === "string") return PRIMITIVES[reference];
    const type = this.type(reference, offset);
    switch (type.kind) {
      case "func":
      case "resource":
      case "instance":
      case "component":
        throw wrongKind(reference, type, "a value type", offset);
      default:
        return type;
    }
  }

  /** The function type at an index. @throws {InvalidComponentError} There is none. */
  functionType(index: number, offset: number): FunctionType {
    const type = this.type(index, offset);
    if (type.kind === "func") return type;
    throw wrongKind(index, type, "a function type", offset);
  }

  /** The resource type at an index. @throws {InvalidComponentError} There is none. */
  resource(index: number, offset: number): ResourceIdentity {
    const type = this.type(index, offset);
    if (type.kind === "resource") return type.resource;
    throw wrongKind(index, type, "a resource type", offset);
  }

  /** The type of instances or components at an index. @throws {InvalidComponentError} There is none. */
  scopeType(index: number, kind: "instance" | "component", offset: number): ScopeType {
    const type = this.type(index, offset);
    if (type.kind === kind) return type as ScopeType;
    throw wrongKind(index, type, kind === "instance" ? "an instance type" : "a component type", offset);
  }

  /**
   * The scope that an outer alias refers to.
   *
   * @param count Number of scopes outwards; 0 for this one.
   * @param offset Where the alias stands.
   * @throws {InvalidComponentError} There are fewer.
   */
  ancestor(count: number, offset: number): TypeScope {
    if (count === 0) return this;
    if (this.outer !== undefined) return this.outer.ancestor(count - 1, offset);
    throw new InvalidComponentError("an outer alias goes further out than there are scopes", offset);
  }
}

/** Says that an index is too large. */
export function outOfRange(sort: string, index: number, count: number): string {
  const there = count === 0 ? "there are none yet" : `only ${count} ${count === 1 ? "is" : "are"} defined before it`;
  return `${sort} index ${index} is out of range: ${there}`;
}

function wrongKind(index: number, { kind }: DefinedType, needed: string, offset: number): InvalidComponentError {
  return new InvalidComponentError(`type ${index} is ${kindText(kind)}, and ${needed} is needed`, offset);
}

/** A kind of types, for messages. */
export function kindText(kind: DefinedType["kind"]): string {
  switch (kind) {
    case "func":
      return "a function type";
    case "resource":
      return "a resource type";
    case "instance":
      return "an instance type";
    case "component":
      return "a component type";
    default:
      return `a value type (${kind})`;
  }
}
