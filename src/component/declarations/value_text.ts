/** Types of values as TypeScript. */

import { isNumberKind, type NumberKind } from "../abi/number_lists.ts";
import { camelCase } from "../abi/names.ts";
import type { DefinedType } from "../types/scope.ts";
import type { ValueType, VariantType } from "../types/value_type.ts";
import { propertyKey } from "./identifiers.ts";

const TYPED_ARRAYS: Readonly<Record<NumberKind, string>> = {
  u8: "Uint8Array",
  s8: "Int8Array",
  u16: "Uint16Array",
  s16: "Int16Array",
  u32: "Uint32Array",
  s32: "Int32Array",
  u64: "BigUint64Array",
  s64: "BigInt64Array",
  f32: "Float32Array",
  f64: "Float64Array",
};

/** Names of types that have one. */
export class TypeNames {
  readonly #names: Map<object, string> = new Map();

  /** The name that a type was given; undefined if it has none. */
  of(type: DefinedType): string | undefined {
    return this.#names.get(identityOf(type));
  }

  /** Give a type a name, unless it has one. */
  give(type: DefinedType, name: string): void {
    const identity = identityOf(type);
    if (!this.#names.has(identity)) this.#names.set(identity, name);
  }
}

/** What a type has in common with the types that are named by `use` and equal it. */
function identityOf(type: DefinedType): object {
  switch (type.kind) {
    case "record":
      return type.fields;
    case "variant":
      return type.cases;
    case "enum":
    case "flags":
      return type.labels;
    case "resource":
    case "own":
    case "borrow":
      return type.resource;
    default:
      return type;
  }
}

/** Limit on types that are written out: those that share elements can have a text that is exponentially longer than they. */
const MAX_DEFINITIONS = 100_000;

/** Writes types of values. */
export class ValueTexts {
  readonly #names: TypeNames;
  #definitions = 0;

  /** @param names Of the types that have one. */
  constructor(names: TypeNames) {
    this.#names = names;
  }

  /** The type as it is referred to: by its name, or written out. */
  of(type: ValueType): string {
    return (isNamed(type) ? this.#names.of(type) : undefined) ?? this.definition(type);
  }

  /** The type written out; `unknown` where that would be too long. */
  definition(type: ValueType): string {
    if (++this.#definitions > MAX_DEFINITIONS) return "unknown";
    switch (type.kind) {
      case "bool":
        return "boolean";
      case "u64":
      case "s64":
        return "bigint";
      case "char":
      case "string":
        return "string";
      case "list":
        return isNumberKind(type.element.kind) && type.length === undefined
          ? TYPED_ARRAYS[type.element.kind]
          : `${this.#operand(type.element)}[]`;
      case "tuple":
        return `[${type.types.map((each) => this.of(each)).join(", ")}]`;
      case "option":
        return type.some.kind === "option"
          ? `{ tag: "none" } | { tag: "some"; val: ${this.of(type.some)} }`
          : `${this.of(type.some)} | undefined`;
      case "result":
        return `${this.#tagged("ok", type.ok)} | ${this.#tagged("err", type.error)}`;
      case "map":
        return `Map<${this.of(type.key)}, ${this.of(type.value)}>`;
      case "record":
        return `{ ${this.fields(type).join("; ")} }`;
      case "flags":
        return `{ ${type.labels.map((label) => `${propertyKey(camelCase(label))}?: boolean`).join("; ")} }`;
      case "enum":
        return type.labels.map((label) => JSON.stringify(label)).join(" | ");
      case "variant":
        return this.cases(type).join(" | ");
      case "own":
      case "borrow":
        return this.#names.of(type) ?? "unknown";
      case "stream":
        return `ReadableStream<${type.element === undefined ? "undefined" : this.#chunk(type.element)}>`;
      case "future":
        return `Promise<${type.element === undefined ? "void" : this.of(type.element)}>`;
      case "error-context":
        return "unknown";
      default:
        return "number";
    }
  }

  /** The fields of a record. One that is an option may be left out. */
  fields(type: ValueType & { readonly kind: "record" }): string[] {
    return type.fields.map((field) => `${this.#optional(field.name, field.type)}: ${this.of(field.type)}`);
  }

  /** The cases of a variant. */
  cases(type: VariantType): string[] {
    return type.cases.map((each) => this.#tagged(each.name, each.type));
  }

  #tagged(tag: string, payload: ValueType | undefined): string {
    const val = payload === undefined ? "" : `; val: ${this.of(payload)}`;
    return `{ tag: ${JSON.stringify(tag)}${val} }`;
  }

  #optional(name: string, type: ValueType): string {
    return `${propertyKey(camelCase(name))}${isOptional(type) ? "?" : ""}`;
  }

  #chunk(element: ValueType): string {
    return isNumberKind(element.kind) ? TYPED_ARRAYS[element.kind] : this.of(element);
  }

  #operand(type: ValueType): string {
    const text = this.of(type);
    return text.includes("|") ? `(${text})` : text;
  }
}

/** True for a type whose value may be undefined. */
export function isOptional(type: ValueType): boolean {
  return type.kind === "option" && type.some.kind !== "option";
}

function isNamed(type: ValueType): boolean {
  return type.kind === "record" || type.kind === "variant" || type.kind === "enum" || type.kind === "flags";
}
