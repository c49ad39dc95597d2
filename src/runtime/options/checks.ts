/** Checks of single option values. */

import { formatValue } from "./format_value.ts";

/**
 * Rejects a value.
 *
 * @param value The value.
 * @param name Its option, such as `options.args`.
 * @param advice What to pass instead.
 * @throws {TypeError} Always.
 */
export function refuse(value: unknown, name: string, advice: string): never {
  throw new TypeError(`Cannot use ${formatValue(value)} as ${name}: ${advice}`);
}

/** @throws {TypeError} If it is neither a string nor undefined. */
export function checkString(value: unknown, name: string): void {
  if (value !== undefined && typeof value !== "string") refuse(value, name, "pass a string");
}

/** @throws {TypeError} If it is neither an array of strings nor undefined. */
export function checkStrings(value: unknown, name: string): void {
  if (value === undefined) return;
  if (!Array.isArray(value)) refuse(value, name, "pass an array of strings");
  value.forEach((item: unknown, i) => {
    if (typeof item !== "string") refuse(item, `${name}[${i}]`, "pass a string");
  });
}

/** @throws {TypeError} If it is neither a boolean nor undefined. */
export function checkFlag(value: unknown, name: string): void {
  if (value !== undefined && typeof value !== "boolean") refuse(value, name, "pass true or false");
}

/** @throws {TypeError} If it is neither a number of at least `min` nor undefined. */
export function checkNumber(value: unknown, name: string, min: number): void {
  if (value === undefined || (typeof value === "number" && value >= min)) return;
  refuse(value, name, `pass a number of at least ${min}`);
}

/** @throws {TypeError} If it is neither a function nor undefined. */
export function checkFunction(value: unknown, name: string): void {
  if (value !== undefined && typeof value !== "function") refuse(value, name, "pass a function");
}

/** @throws {TypeError} If it is neither a plain object nor undefined; arrays and maps are rejected. */
export function checkRecord(value: unknown, name: string, advice: string): void {
  if (value === undefined) return;
  if (typeof value !== "object" || value === null || Symbol.iterator in value || isThenable(value)) {
    refuse(value, name, advice);
  }
}

function isThenable(value: object): boolean {
  return "then" in value && typeof value.then === "function";
}
