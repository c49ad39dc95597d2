/** Values of scripts as values of JavaScript, by the types of functions. */

import type { ValueType } from "../../src/component/types/value_type.ts";
import type { Constant } from "./constants.ts";

/** The value that stands for a constant of a type. @throws {TypeError} The constant is not of the type. */
export function valueOf(constant: Constant, type: ValueType): unknown {
  switch (constant.kind) {
    case "bool":
      return constant.value;
    case "string":
    case "char":
      return constant.text;
    case "number":
      return numberOf(constant.text, constant.type);
    case "list":
      if (type.kind === "list") return constant.items.map((item) => valueOf(item, type.element));
      break;
    case "tuple":
      if (type.kind === "tuple") return constant.items.map((item, i) => valueOf(item, type.types[i]!));
      break;
    case "record":
      if (type.kind === "record") {
        return Object.fromEntries(constant.fields.map(({ name, value }, i) => [
          camelCase(name),
          valueOf(value, type.fields[i]!.type),
        ]));
      }
      break;
    case "enum":
      return constant.name;
    case "flags":
      if (type.kind === "flags") {
        return Object.fromEntries(type.labels.map((label) => [camelCase(label), constant.names.includes(label)]));
      }
      break;
    default:
      return variantOf(constant, type);
  }
  throw new TypeError(`A script has a ${constant.kind} where the type is ${type.kind}`);
}

function variantOf(constant: Constant & { readonly kind: "variant" | "option" | "result" }, type: ValueType): unknown {
  if (type.kind !== constant.kind) {
    throw new TypeError(`A script has a ${constant.kind} where the type is ${type.kind}`);
  }
  const tag = constant.name;
  const payload = type.cases.find(({ name }) => name === (tag === "err" ? "error" : tag))?.type;
  const val = constant.value === undefined || payload === undefined ? undefined : valueOf(constant.value, payload);
  if (type.kind === "option" && type.some.kind !== "option") return val;
  return { tag, val };
}

function numberOf(text: string, type: string): unknown {
  const digits = text.replaceAll("_", "");
  if (type === "u64" || type === "s64") return digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits);
  if (/nan/.test(digits)) return NaN;
  if (/^-?inf$/.test(digits)) return digits.startsWith("-") ? -Infinity : Infinity;
  const value = digits.startsWith("-0x") ? -Number(digits.slice(1)) : Number(digits);
  return type === "f32" ? Math.fround(value) : value;
}

/** A value as text that is equal if and only if the values are. Members that are undefined do not count. */
export function textOf(value: unknown): string {
  switch (typeof value) {
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "object": {
      if (value === null) return "null";
      if (Array.isArray(value) || ArrayBuffer.isView(value)) {
        return `[${Array.from(value as ArrayLike<unknown>, textOf).join(", ")}]`;
      }
      const members = Object.entries(value).filter(([, member]) => member !== undefined)
        .sort(([a], [b]) => a < b ? -1 : 1);
      return `{${members.map(([key, member]) => `${key}: ${textOf(member)}`).join(", ")}}`;
    }
    default:
      return JSON.stringify(value) ?? String(value);
  }
}

function camelCase(name: string): string {
  return name.replace(/-(.)/g, (_, first: string) => first.toUpperCase());
}
