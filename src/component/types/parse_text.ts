/** Reads the text of types, as `text.ts` writes it. */

import type { PrimitiveKind } from "../binary/primitive_kind.ts";
import type { FunctionType, Parameter } from "./function_type.ts";
import {
  borrowType,
  enumType,
  flagsType,
  listType,
  optionType,
  ownType,
  recordType,
  resultType,
  tupleType,
  variantType,
} from "./make.ts";
import { PRIMITIVES } from "./primitive.ts";
import type { ResourceIdentity } from "./resource_identity.ts";
import type { ValueType } from "./value_type.ts";

/**
 * Read the type of a function of the host.
 *
 * @param text As `functionTypeText` writes it.
 * @param resource Finds a resource type by its name.
 * @throws {TypeError} If it is no such text.
 */
export function parseFunctionType(text: string, resource: (name: string) => ResourceIdentity): FunctionType {
  return new TypeParser(text, resource).function();
}

class TypeParser {
  readonly #tokens: readonly string[];
  readonly #resource: (name: string) => ResourceIdentity;
  #at = 0;

  constructor(text: string, resource: (name: string) => ResourceIdentity) {
    this.#tokens = text.match(/->|[\w-]+|[^\s]/g) ?? [];
    this.#resource = resource;
  }

  function(): FunctionType {
    const isAsync = this.#skip("async");
    this.#expect("func");
    const params = this.#list("(", ")", (): Parameter => this.#labelled());
    const result = this.#skip("->") ? this.#value() : undefined;
    return { kind: "func", isAsync, params, result };
  }

  #value(): ValueType {
    const word = this.#next();
    switch (word) {
      case "list":
        return listType(this.#one());
      case "option":
        return optionType(this.#one());
      case "tuple":
        return tupleType(this.#list("<", ">", () => this.#value()));
      case "result":
        return this.#result();
      case "own":
        return ownType(this.#handle());
      case "borrow":
        return borrowType(this.#handle());
      case "record":
        return recordType(this.#list("{", "}", () => this.#labelled()));
      case "variant":
        return variantType(this.#list("{", "}", () => this.#case()));
      case "enum":
        return enumType(this.#list("{", "}", () => this.#next()));
      case "flags":
        return flagsType(this.#list("{", "}", () => this.#next()));
      default:
        if (Object.hasOwn(PRIMITIVES, word)) return PRIMITIVES[word as PrimitiveKind];
        throw this.#unexpected(word);
    }
  }

  #one(): ValueType {
    const [type] = this.#list("<", ">", () => this.#value());
    if (type === undefined) throw this.#unexpected(">");
    return type;
  }

  #handle(): ResourceIdentity {
    const [name = ""] = this.#list("<", ">", () => this.#next());
    return this.#resource(name);
  }

  #result(): ValueType {
    if (this.#peek() !== "<") return resultType(undefined, undefined);
    const [ok, error] = this.#list("<", ">", () => this.#skip("_") ? undefined : this.#value());
    return resultType(ok, error);
  }

  #labelled(): { readonly name: string; readonly type: ValueType } {
    const name = this.#next();
    this.#expect(":");
    return { name, type: this.#value() };
  }

  #case(): { readonly name: string; readonly type: ValueType | undefined } {
    const name = this.#next();
    return { name, type: this.#peek() === "(" ? this.#list("(", ")", () => this.#value())[0] : undefined };
  }

  #list<T>(open: string, close: string, read: () => T): T[] {
    const items: T[] = [];
    this.#expect(open);
    while (!this.#skip(close)) {
      items.push(read());
      if (this.#peek() !== close) this.#expect(",");
    }
    return items;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw new TypeError("Cannot read a type: its text ends too early");
    return token;
  }

  #skip(token: string): boolean {
    const isNext = this.#peek() === token;
    if (isNext) this.#at++;
    return isNext;
  }

  #expect(token: string): void {
    const found = this.#next();
    if (found !== token) throw this.#unexpected(found);
  }

  #unexpected(token: string): TypeError {
    return new TypeError(`Cannot read a type: unexpected "${token}"`);
  }
}
