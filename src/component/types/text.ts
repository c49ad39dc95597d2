/**
 * Types as text, much as WIT writes them.
 *
 * Named types are expanded: `record{seconds: u64, nanoseconds: u32}`, `variant{last-operation-failed(own<error>),
 * closed}`, `enum{ipv4, ipv6}`, `flags{symlink-follow}`. A resource is its name: `borrow<descriptor>`. So the text is
 * canonical but for resources of the same name; host functions are matched by it.
 *
 * @module
 */

import type { FunctionType } from "./function_type.ts";
import type { ValueType } from "./value_type.ts";

/** Limit on characters: types that share elements can have a text that is exponentially longer than they are. */
const MAX_LENGTH = 16_384;

/**
 * The text of a function's type, such as `func(self: borrow<descriptor>, length: u64) -> result<list<u8>, error>`.
 *
 * @returns The text; the start of it and `…` if it is longer than 16,384 characters, as no function of a host is.
 */
export function functionTypeText(type: FunctionType): string {
  const text = new TypeText();
  text.function(type);
  return text.toString();
}

/** The text of a type of values, such as `option<list<u8>>`; truncated as {@linkcode functionTypeText} says. */
export function valueTypeText(type: ValueType): string {
  const text = new TypeText();
  text.value(type);
  return text.toString();
}

class TypeText {
  #text = "";

  function({ isAsync, params, result }: FunctionType): void {
    this.#text += isAsync ? "async func(" : "func(";
    this.#separated(params, ({ name, type }) => {
      this.#text += `${name}: `;
      this.value(type);
    });
    this.#text += ")";
    if (result === undefined) return;
    this.#text += " -> ";
    this.value(result);
  }

  value(type: ValueType): void {
    if (this.#text.length > MAX_LENGTH) return;
    switch (type.kind) {
      case "list":
        return this.#generic("list", [type.element], type.length === undefined ? "" : `, ${type.length}`);
      case "tuple":
        return this.#generic("tuple", type.types);
      case "option":
        return this.#generic("option", [type.some]);
      case "result":
        return this.#result(type.ok, type.error);
      case "map":
        return this.#generic("map", [type.key, type.value]);
      case "stream":
      case "future":
        return this.#generic(type.kind, type.element === undefined ? [] : [type.element]);
      case "own":
      case "borrow":
        this.#text += `${type.kind}<${type.resource.name}>`;
        return;
      case "record":
      case "variant":
      case "enum":
      case "flags":
        return this.#named(type);
      default:
        this.#text += type.kind;
    }
  }

  toString(): string {
    return this.#text.length > MAX_LENGTH ? `${this.#text.slice(0, MAX_LENGTH)}…` : this.#text;
  }

  #named(type: ValueType & { readonly kind: "record" | "variant" | "enum" | "flags" }): void {
    this.#text += `${type.kind}{`;
    switch (type.kind) {
      case "record":
        this.#separated(type.fields, (field) => {
          this.#text += `${field.name}: `;
          this.value(field.type);
        });
        break;
      case "variant":
        this.#separated(type.cases, (each) => this.#case(each.name, each.type));
        break;
      default:
        this.#separated(type.labels, (label) => {
          this.#text += label;
        });
    }
    this.#text += "}";
  }

  #case(name: string, payload: ValueType | undefined): void {
    this.#text += name;
    if (payload === undefined) return;
    this.#text += "(";
    this.value(payload);
    this.#text += ")";
  }

  #result(ok: ValueType | undefined, error: ValueType | undefined): void {
    if (error === undefined) return this.#generic("result", ok === undefined ? [] : [ok]);
    if (ok !== undefined) return this.#generic("result", [ok, error]);
    this.#text += "result<_, ";
    this.value(error);
    this.#text += ">";
  }

  #generic(name: string, types: readonly ValueType[], suffix: string = ""): void {
    this.#text += name;
    if (types.length === 0) return;
    this.#text += "<";
    this.#separated(types, (type) => this.value(type));
    this.#text += `${suffix}>`;
  }

  #separated<T>(items: readonly T[], write: (item: T) => void): void {
    let isFirst = true;
    for (const item of items) {
      if (this.#text.length > MAX_LENGTH) return;
      if (!isFirst) this.#text += ", ";
      isFirst = false;
      write(item);
    }
  }
}
