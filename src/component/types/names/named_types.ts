/**
 * Checks that types of imports and exports have names.
 *
 * Source: "External Visibility of Types" of the component model's explainer.
 *
 * @module
 */

import { InvalidComponentError } from "../../binary/invalid_component.ts";
import type { FunctionType } from "../function_type.ts";
import type { DefinedType } from "../scope.ts";
import type { ExternShape } from "../shapes.ts";
import type { Case, ValueType } from "../value_type.ts";

/** The types of a component that have a name outside of it. */
export class NamedTypes {
  readonly #named = new Set<object>();
  /** Types that have been found to need no other names than those which are there. */
  readonly #visible = new Set<object>();
  readonly #others: NamedTypes | undefined;

  /** @param others Types that have a name for another reason. */
  constructor(others?: NamedTypes) {
    this.#others = others;
  }

  /**
   * Check an import or an export; what it names has a name from then on.
   *
   * @param what The import or export, for messages.
   * @param shape Its type.
   * @param offset Where it stands.
   * @throws {InvalidComponentError} It uses a type that has no name.
   */
  add(what: string, shape: ExternShape, offset: number): void {
    switch (shape.sort) {
      case "func":
        if (!this.#isFunctionVisible(shape.type)) throw unnamed(what, "the type of the function", offset);
        break;
      case "type":
        this.#addType(what, shape.type, offset);
        break;
      case "instance":
        for (const [name, item] of shape.shape.exports) this.add(`${what}, export "${name}"`, item, offset);
        break;
    }
  }

  #addType(what: string, type: DefinedType, offset: number): void {
    switch (type.kind) {
      case "resource":
        this.#named.add(type.resource);
        break;
      case "func":
        if (!this.#isFunctionVisible(type)) throw unnamed(what, "the type", offset);
        break;
      case "instance":
      case "component":
        break;
      default:
        if (!this.#arePartsVisible(type)) throw unnamed(what, "the type", offset);
        this.#named.add(type);
    }
  }

  #isFunctionVisible({ params, result }: FunctionType): boolean {
    return params.every(({ type }) => this.#isVisible(type)) && (result === undefined || this.#isVisible(result));
  }

  #has(type: object): boolean {
    return this.#named.has(type) || (this.#others !== undefined && this.#others.#has(type));
  }

  #isVisible(type: ValueType): boolean {
    switch (type.kind) {
      case "record":
      case "variant":
      case "enum":
      case "flags":
        return this.#has(type);
      default: {
        if (this.#visible.has(type)) return true;
        if (!this.#arePartsVisible(type)) return false;
        this.#visible.add(type);
        return true;
      }
    }
  }

  #arePartsVisible(type: ValueType): boolean {
    switch (type.kind) {
      case "record":
        return this.#areVisible(type.fields);
      case "variant":
      case "option":
      case "result":
        return this.#areVisible(type.cases);
      case "tuple":
        return type.types.every((element) => this.#isVisible(element));
      case "map":
        return this.#isVisible(type.entry);
      case "own":
      case "borrow":
        return this.#has(type.resource);
      case "list":
      case "stream":
      case "future":
        return type.element === undefined || this.#isVisible(type.element);
      default:
        return true;
    }
  }

  #areVisible(cases: readonly Case[]): boolean {
    return cases.every(({ type }) => type === undefined || this.#isVisible(type));
  }
}

function unnamed(what: string, type: string, offset: number): InvalidComponentError {
  return new InvalidComponentError(
    `${what} is not valid: ${type} contains a resource, record, variant, enum or flags type that is neither imported nor ` +
      "exported before it",
    offset,
  );
}
