/**
 * Compares types: equality of types of values and functions, and subtyping of instances, components and core modules.
 *
 * Source: "Type Checking" of the component model's explainer.
 *
 * @module
 */

import { oneOfSort } from "../../binary/sort_text.ts";
import { InvalidComponentError } from "../../binary/invalid_component.ts";
import { evaluateComponentType, evaluateInstanceType, FreshResources } from "../evaluate.ts";
import type { FunctionType } from "../function_type.ts";
import { moduleMismatch } from "./match_module.ts";
import type { ResourceIdentity } from "../resource_identity.ts";
import type { ComponentShape, ExternShape, InstanceShape } from "../shapes.ts";
import { type DefinedType, kindText, type ScopeType } from "../scope.ts";
import type { ValueType } from "../value_type.ts";
import { functionTypeText, valueTypeText } from "../text.ts";
import { TypeEquality } from "./type_equality.ts";

/**
 * Matches what is supplied with what is needed.
 *
 * A resource type that is needed may stand for any; it is bound to the one that is supplied where it occurs first, and
 * must be that one everywhere else.
 */
export class Matcher {
  /** What the resource types that are needed are bound to. */
  readonly bound: Map<ResourceIdentity, ResourceIdentity>;
  /** The types of values that were supplied, by those which were needed. */
  readonly types: Map<ValueType, ValueType> = new Map();
  readonly #bindable: ReadonlySet<ResourceIdentity>;
  readonly #equality: TypeEquality;
  /** Where the types are compared, for messages. */
  readonly #offset: number;

  /**
   * Make a matcher.
   *
   * @param bindable Resource types that are needed, and may stand for any.
   * @param offset Where the types are compared, for messages.
   * @param bound What resource types of either side stand for already.
   */
  constructor(
    bindable: ReadonlySet<ResourceIdentity>,
    offset: number,
    bound: Map<ResourceIdentity, ResourceIdentity> = new Map(),
  ) {
    this.#bindable = bindable;
    this.#offset = offset;
    this.bound = bound;
    this.#equality = new TypeEquality(bound);
  }

  /**
   * Check that something can be used where something is needed.
   *
   * @param what What is supplied, for messages: `argument "x"`.
   * @throws {InvalidComponentError} It can't.
   */
  extern(what: string, supplied: ExternShape, needed: ExternShape): void {
    if (supplied.sort === "func" && needed.sort === "func") this.func(what, supplied.type, needed.type);
    else if (supplied.sort === "type" && needed.sort === "type") this.#type(what, supplied.type, needed.type);
    else if (supplied.sort === "instance" && needed.sort === "instance") {
      this.instance(what, supplied.shape, needed.shape);
    } else if (supplied.sort === "component" && needed.sort === "component") {
      this.#component(what, supplied.shape, needed.shape);
    } else if (supplied.sort === "core module" && needed.sort === "core module") {
      const problem = moduleMismatch(supplied.shape, needed.shape);
      if (problem !== undefined) throw this.#error(`${what} ${problem}`);
    } else throw this.#error(`${what} is ${oneOfSort(supplied.sort)}, and ${oneOfSort(needed.sort)} is needed`);
  }

  /** Check that a function has the type that is needed. @throws {InvalidComponentError} It does not. */
  func(what: string, supplied: FunctionType, needed: FunctionType): void {
    if (this.#equality.functions(supplied, needed)) return;
    const [is, isNeeded] = [functionTypeText(supplied), functionTypeText(needed)];
    const reason = is === isNeeded ? "a function of that text, but with other resource types, is needed" : isNeeded;
    throw this.#error(`${what} has type ${is}, and what is needed is ${reason}`);
  }

  /** Check that an instance exports what is needed. @throws {InvalidComponentError} It does not. */
  instance(what: string, supplied: InstanceShape, needed: InstanceShape): void {
    this.#all(`${what} has no export`, supplied.exports, needed.exports);
  }

  #all(
    missing: string,
    supplied: ReadonlyMap<string, ExternShape>,
    needed: ReadonlyMap<string, ExternShape>,
  ): void {
    for (const [name, item] of needed) {
      const found = supplied.get(name);
      if (found === undefined) throw this.#error(`${missing} "${name}", which is needed (${item.sort})`);
      this.extern(`"${name}"`, found, item);
    }
  }

  #type(what: string, supplied: DefinedType, needed: DefinedType): void {
    if (supplied.kind === "resource" && needed.kind === "resource") {
      this.#resource(what, supplied.resource, needed.resource);
    } else if (!this.#areEqual(supplied, needed)) {
      throw this.#error(`${what} is the type ${typeText(supplied)}, and ${typeText(needed)} is needed`);
    } else if (isValueType(supplied) && isValueType(needed)) this.types.set(needed, supplied);
  }

  #resource(what: string, supplied: ResourceIdentity, needed: ResourceIdentity): void {
    if (this.#bindable.has(needed) && !this.bound.has(needed)) {
      this.bound.set(needed, this.#equality.identity(supplied));
    } else if (!this.#equality.resources(supplied, needed)) {
      throw this.#error(`${what} is another resource type than the ${needed.name} that is needed`);
    }
  }

  #areEqual(supplied: DefinedType, needed: DefinedType): boolean {
    switch (supplied.kind) {
      case "resource":
        return false;
      case "func":
        return needed.kind === "func" && this.#equality.functions(supplied, needed);
      case "instance":
      case "component":
        if (needed.kind !== supplied.kind) return false;
        return this.#areMutual(supplied as ScopeType, needed as ScopeType);
      default:
        return needed.kind === supplied.kind && this.#equality.values(supplied, needed);
    }
  }

  /** Types of instances and components are equal if each can be used for the other. */
  #areMutual(one: ScopeType, other: ScopeType): boolean {
    if (one.declarations === other.declarations && one.scope === other.scope) return true;
    const check = (supplied: ScopeType, needed: ScopeType): void => {
      const fresh = new FreshResources();
      const evaluate = (type: ScopeType): ExternShape =>
        type.kind === "instance"
          ? { sort: "instance", shape: evaluateInstanceType(type, fresh, this.#offset) }
          : { sort: "component", shape: evaluateComponentType(type, this.#offset) };
      const neededShape = evaluate(needed);
      const bindable = new Set(fresh.made);
      new Matcher(bindable, this.#offset, new Map(this.bound)).extern("a type", evaluate(supplied), neededShape);
    };
    try {
      check(one, other);
      check(other, one);
      return true;
    } catch (error) {
      if (error instanceof InvalidComponentError) return false;
      throw error;
    }
  }

  /** Imports are contravariant: what is needed says what is there to import. */
  #component(what: string, supplied: ComponentShape, needed: ComponentShape): void {
    const bound = new Map(this.bound);
    const imports = new Matcher(supplied.importedResources, this.#offset, bound);
    imports.#all(`${what} is used where it can't import`, needed.imports, supplied.imports);
    const exports = new Matcher(needed.definedResources, this.#offset, bound);
    exports.#all(`${what} has no export`, supplied.exports, needed.exports);
  }

  #error(problem: string): InvalidComponentError {
    return new InvalidComponentError(`type mismatch: ${problem}`, this.#offset);
  }
}

function isValueType(type: DefinedType): type is ValueType {
  return type.kind !== "func" && type.kind !== "resource" && type.kind !== "instance" && type.kind !== "component";
}

function typeText(type: DefinedType): string {
  switch (type.kind) {
    case "func":
      return functionTypeText(type);
    case "resource":
      return `resource ${type.resource.name}`;
    case "instance":
    case "component":
      return kindText(type.kind);
    default:
      return valueTypeText(type);
  }
}
