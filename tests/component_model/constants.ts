/** Values of scripts. */

import { asList, type Expression, string, word } from "./sexpr.ts";

/** A value. Numbers are as they are written. */
export type Constant =
  | { readonly kind: "number"; readonly type: string; readonly text: string }
  | { readonly kind: "bool"; readonly value: boolean }
  | { readonly kind: "string" | "char"; readonly text: string }
  | { readonly kind: "list" | "tuple"; readonly items: readonly Constant[] }
  | { readonly kind: "record"; readonly fields: readonly { readonly name: string; readonly value: Constant }[] }
  | { readonly kind: "variant" | "option" | "result"; readonly name: string; readonly value: Constant | undefined }
  | { readonly kind: "enum"; readonly name: string }
  | { readonly kind: "flags"; readonly names: readonly string[] };

/** The value that an expression stands for: `(u32.const 7)`. @throws {SyntaxError} It is none. */
export function constantOf(expression: Expression): Constant {
  return constantOfItems(asList(expression).items);
}

/** The value of what stands in the parentheses, which fields of records lack. */
function constantOfItems([head, ...rest]: readonly Expression[]): Constant {
  if (head?.kind === "list") return constantOf(head);
  const [type = "", form = ""] = word(head).split(".");
  switch (type) {
    case "bool":
      return { kind: "bool", value: word(rest[0]) === "true" };
    case "str":
      return { kind: "string", text: string(rest[0]) };
    case "char":
      return { kind: "char", text: string(rest[0]) };
    case "list":
    case "tuple":
      return { kind: type, items: rest.map(constantOf) };
    case "record":
      return { kind: "record", fields: rest.map(fieldOf) };
    case "variant":
      return { kind: "variant", name: string(rest[0]), value: optionalConstant(rest.slice(1)) };
    case "enum":
      return { kind: "enum", name: string(rest[0]) };
    case "option":
    case "result":
      return { kind: type, name: form, value: optionalConstant(rest) };
    case "flags":
      return { kind: "flags", names: rest.map(string) };
    default:
      return { kind: "number", type, text: word(rest[0]) };
  }
}

function fieldOf(expression: Expression): { name: string; value: Constant } {
  const [, name, ...value] = asList(expression).items;
  return { name: string(name), value: constantOfItems(value) };
}

function optionalConstant(items: readonly Expression[]): Constant | undefined {
  return items.length === 0 ? undefined : constantOfItems(items);
}
