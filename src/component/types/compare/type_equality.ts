/** Equality of types of values and functions, which is structural but for resource types. */

import type { FunctionType } from "../function_type.ts";
import type { ResourceIdentity } from "../resource_identity.ts";
import type { Case, ValueType } from "../value_type.ts";

/** Compares types. It remembers which are equal: types that share elements would take exponential time otherwise. */
export class TypeEquality {
  readonly #bound: ReadonlyMap<ResourceIdentity, ResourceIdentity>;
  readonly #equal = new Map<ValueType, Set<ValueType>>();

  /** @param bound What resource types stand for; those which are not there stand for themselves. */
  constructor(bound: ReadonlyMap<ResourceIdentity, ResourceIdentity> = new Map()) {
    this.#bound = bound;
  }

  /** The resource type that a resource type stands for. */
  identity(resource: ResourceIdentity): ResourceIdentity {
    return this.#bound.get(resource) ?? resource;
  }

  /** True if both stand for the same resource type. */
  resources(a: ResourceIdentity, b: ResourceIdentity): boolean {
    return this.identity(a) === this.identity(b);
  }

  /** True if two functions have the same parameters, with their names, and the same result. */
  functions(a: FunctionType, b: FunctionType): boolean {
    return a === b || (
      a.isAsync === b.isAsync && a.params.length === b.params.length &&
      a.params.every(({ name, type }, i) => name === b.params[i]?.name && this.values(type, b.params[i].type)) &&
      this.#optional(a.result, b.result)
    );
  }

  /** True if two types of values are equal. */
  values(a: ValueType, b: ValueType): boolean {
    if (a.kind !== b.kind) return false;
    const known = this.#equal.get(a) ?? new Set();
    if (known.has(b)) return true;
    if (!this.#haveEqualParts(a, b)) return false;
    this.#equal.set(a, known.add(b));
    return true;
  }

  #haveEqualParts(a: ValueType, b: ValueType): boolean {
    switch (a.kind) {
      case "list":
        return b.kind === "list" && a.length === b.length && this.values(a.element, b.element);
      case "record":
        return b.kind === "record" && this.#areCasesEqual(a.fields, b.fields);
      case "tuple":
        return b.kind === "tuple" && a.types.length === b.types.length &&
          a.types.every((type, i) => this.values(type, b.types[i] as ValueType));
      case "variant":
      case "option":
      case "result":
        return a.kind === b.kind && this.#areCasesEqual(a.cases, (b as typeof a).cases);
      case "enum":
      case "flags":
        return a.kind === b.kind && a.labels.length === b.labels.length &&
          a.labels.every((label, i) => label === (b as typeof a).labels[i]);
      case "map":
        return b.kind === "map" && this.values(a.entry, b.entry);
      case "own":
      case "borrow":
        return a.kind === b.kind && this.resources(a.resource, (b as typeof a).resource);
      case "stream":
      case "future":
        return a.kind === b.kind && this.#optional(a.element, (b as typeof a).element);
      default:
        return true;
    }
  }

  #areCasesEqual(a: readonly Case[], b: readonly Case[]): boolean {
    return a.length === b.length &&
      a.every(({ name, type }, i) => name === b[i]?.name && this.#optional(type, b[i].type));
  }

  #optional(a: ValueType | undefined, b: ValueType | undefined): boolean {
    return a === undefined || b === undefined ? a === b : this.values(a, b);
  }
}

/** True if two types of values are equal, with resource types compared by identity. */
export function areValueTypesEqual(a: ValueType, b: ValueType): boolean {
  return new TypeEquality().values(a, b);
}
