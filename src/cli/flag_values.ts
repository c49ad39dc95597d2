/** Values of options: sizes and counts. */

import { UsageError } from "./usage_error.ts";

/** The runtimes can't start with less. */
const MIN_STACK = 256 * 1024;

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** Valid sizes of an option. */
export interface SizeRange {
  readonly min: number;
  readonly max: number;
  /** For the message. */
  readonly text: string;
}

/** Sizes of a stack. */
export const STACK_SIZES: SizeRange = { min: MIN_STACK, max: 1024 ** 3, text: "from 256K to 1G, such as 8M" };

/** Sizes of memory. */
export const MEMORY_SIZES: SizeRange = { min: 0, max: 1024 ** 4, text: "of up to 1024G, such as 512M" };

/** The value of an option that was given. @throws {UsageError} By `parse`. */
export function ifGiven(text: string | undefined, parse: (text: string) => number): number | undefined {
  return text === undefined ? undefined : parse(text);
}

/** A size in bytes. @throws {UsageError} If it is none, or out of range. */
export function parseSize(option: string, text: string, { min, max, text: range }: SizeRange): number {
  const match = /^(\d+)([KMG]?)i?B?$/i.exec(text);
  const bytes = match === null ? NaN : Number(match[1]) * UNITS[match[2]!.toUpperCase()]!;
  if (!(bytes >= min && bytes <= max)) throw new UsageError(`Cannot use ${option}=${text}: write a size ${range}`);
  return bytes;
}

/** A number. @throws {UsageError} If it is none, or out of range. */
export function parseCount(option: string, text: string, min: number, max: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(count >= min && count <= max)) {
    throw new UsageError(`Cannot use ${option}=${text}: write a number from ${min} to ${max}`);
  }
  return count;
}
