/** The error for values that are not of the type that they should have. */

import { printable } from "../../text/printable.ts";
import { valueTypeText } from "../types/text.ts";
import type { ValueType } from "../types/value_type.ts";

/** Limit on characters of a type in a message. */
const MAX_TYPE_TEXT = 200;

/**
 * A value of JavaScript can't be passed to a guest.
 *
 * @param value The value.
 * @param type What it should be.
 * @param wanted What is expected of it, if that is not plain from the type.
 * @throws {TypeError} Always.
 */
export function mismatch(value: unknown, type: ValueType, wanted?: string): never {
  const text = valueTypeText(type);
  const short = text.length > MAX_TYPE_TEXT ? `${text.slice(0, MAX_TYPE_TEXT)}…` : text;
  throw new TypeError(
    printable(`Cannot convert ${described(value)} to ${short}${wanted === undefined ? "" : `: ${wanted}`}`),
  );
}

function described(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value);
    case "bigint":
      return `${value}n`;
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "an array" : "an object";
    case "function":
      return "a function";
    default:
      return String(value);
  }
}
