/** Resolves definitions of types of values. */

import { InvalidComponentError } from "../binary/invalid_component.ts";
import { MAX_NESTING, MAX_VALUE_BYTES } from "../binary/limits.ts";
import type { TypeReference, ValueTypeExpression } from "../binary/model_types.ts";
import { checkLabels } from "./names/labels.ts";
import {
  borrowType,
  enumType,
  fixedListType,
  flagsType,
  futureType,
  listType,
  mapType,
  optionType,
  ownType,
  recordType,
  resultType,
  streamType,
  tupleType,
  variantType,
} from "./make.ts";
import { PRIMITIVES } from "./primitive.ts";
import type { TypeScope } from "./scope.ts";
import type { ValueType } from "./value_type.ts";

/** Flags of a type: more have no representation in 32 bits. */
const MAX_FLAGS = 32;

/** Kinds of types that can be the key of a map. */
const KEY_KINDS: ReadonlySet<string> = new Set([
  "bool",
  "s8",
  "u8",
  "s16",
  "u16",
  "s32",
  "u32",
  "s64",
  "u64",
  "char",
  "string",
]);

/**
 * Resolve a definition of a type of values.
 *
 * @param expression The definition.
 * @param scope Where it stands.
 * @param offset Its offset, for messages.
 * @throws {InvalidComponentError} It is not valid.
 */
export function defineValueType(expression: ValueTypeExpression, scope: TypeScope, offset: number): ValueType {
  const type = new ValueTypeDefiner(scope, offset).define(expression);
  if (type.depth > MAX_NESTING) {
    throw new InvalidComponentError(`types are nested more than ${MAX_NESTING} deep`, offset);
  }
  if (type.layout64.size >= MAX_VALUE_BYTES) {
    throw new InvalidComponentError("a value type exceeds the maximum byte size, 2^28 - 1", offset);
  }
  return type;
}

class ValueTypeDefiner {
  readonly #scope: TypeScope;
  readonly #offset: number;

  constructor(scope: TypeScope, offset: number) {
    this.#scope = scope;
    this.#offset = offset;
  }

  define(expression: ValueTypeExpression): ValueType {
    switch (expression.kind) {
      case "primitive":
        return PRIMITIVES[expression.primitive];
      case "record":
        this.#checkSome("a record", "field", expression.fields);
        return recordType(expression.fields.map(({ name, type }) => ({ name, type: this.#type(type) })));
      case "variant":
        this.#checkSome("a variant", "case", expression.cases);
        return variantType(expression.cases.map(({ name, type }) => ({ name, type: this.#optional(type) })));
      case "list":
        return this.#list(this.#type(expression.element), expression.length);
      case "tuple":
        if (expression.types.length === 0) throw this.#error("a tuple has no elements");
        return tupleType(expression.types.map((type) => this.#type(type)));
      case "option":
        return optionType(this.#type(expression.some));
      case "result":
        return resultType(this.#optional(expression.ok), this.#optional(expression.error));
      case "own":
        return ownType(this.#scope.resource(expression.resource, this.#offset));
      case "borrow":
        return borrowType(this.#scope.resource(expression.resource, this.#offset));
      case "stream":
        return streamType(this.#elementOf("stream", expression.element));
      case "future":
        return futureType(this.#elementOf("future", expression.element));
      case "map":
        return this.#map(this.#type(expression.key), this.#type(expression.value));
      default:
        return this.#labelled(expression.kind, expression.labels);
    }
  }

  #labelled(kind: "enum" | "flags", labels: readonly string[]): ValueType {
    this.#checkSome(kind === "enum" ? "an enum" : "a flags type", kind === "enum" ? "case" : "flag", labels);
    if (kind === "enum") return enumType(labels);
    if (labels.length > MAX_FLAGS) throw this.#error(`a flags type has ${labels.length} flags; at most ${MAX_FLAGS}`);
    return flagsType(labels);
  }

  #list(element: ValueType, length: number | undefined): ValueType {
    if (length === undefined) return listType(element);
    if (length === 0) throw this.#error("a list of fixed length has no elements");
    return fixedListType(element, length);
  }

  #map(key: ValueType, value: ValueType): ValueType {
    if (!KEY_KINDS.has(key.kind)) throw this.#error(`a map has keys of type ${key.kind}, which can't be keys`);
    return mapType(key, value);
  }

  #elementOf(kind: "stream" | "future", reference: TypeReference | undefined): ValueType | undefined {
    const type = this.#optional(reference);
    if (type?.hasBorrow === true) throw this.#error(`the element type of a ${kind} contains a borrow`);
    if (kind === "stream" && type?.kind === "char") throw this.#error("stream<char> is not allowed at this time");
    return type;
  }

  #type(reference: TypeReference): ValueType {
    return this.#scope.valueType(reference, this.#offset);
  }

  #optional(reference: TypeReference | undefined): ValueType | undefined {
    return reference === undefined ? undefined : this.#type(reference);
  }

  #checkSome(kind: string, what: string, labels: readonly (string | { readonly name: string })[]): void {
    if (labels.length === 0) throw this.#error(`${kind} has no ${what}s`);
    checkLabels(what, labels, this.#offset);
  }

  #error(problem: string): InvalidComponentError {
    return new InvalidComponentError(problem, this.#offset);
  }
}
