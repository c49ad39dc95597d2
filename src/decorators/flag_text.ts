/** Enumerations, flags and rights by their names. */

import { Rights, RIGHTS_ALL } from "../witx/types.ts";

/** Names of an enumeration, or of the bits of flags. */
export type Names = Readonly<Record<string, number>>;

const RIGHTS_COUNT = Object.keys(Rights).length;

/** The name of a value: `SET`. What has none is its number. */
export function nameText(names: Names, value: number): string {
  return Object.keys(names).find((name) => names[name] === value) ?? String(value);
}

/** Flags by name: `CREAT|TRUNC`. Bits without a name are hexadecimal, and no bit at all is 0. */
export function flagText(names: Names, value: number): string {
  const set = Object.entries(names).filter(([, bit]) => (value & bit) !== 0);
  const known = set.reduce((bits, [, bit]) => bits | bit, 0);
  const unknown = (value & ~known) >>> 0;
  const words = set.map(([name]) => name);
  if (unknown !== 0) words.push(`0x${unknown.toString(16)}`);
  return words.join("|") || "0";
}

/**
 * Rights (u64, or its lower half as i32) by name, if they are few, or else those that are missing: `ALL`, `ALL-FD_WRITE`. With the bits that no right has,
 * as libcs set them that ask for everything but some, it is a complement: `~0`, `~(FD_READ|FD_WRITE)`.
 */
export function rightsText(value: number | bigint): string {
  const width = typeof value === "number" ? 32 : 64;
  const rights = BigInt.asUintN(width, BigInt(value));
  const noRight = BigInt.asUintN(width, ~BigInt(RIGHTS_ALL));
  const known = Number(rights & BigInt(RIGHTS_ALL));
  const unknown = rights & noRight;
  const missing = Object.entries(Rights).filter(([, bit]) => (known & bit) === 0).map(([name]) => name);
  if (unknown === noRight) return missing.length < 2 ? `~${missing[0] ?? 0}` : `~(${missing.join("|")})`;
  const text = missing.length < RIGHTS_COUNT / 2 ? ["ALL", ...missing].join("-") : flagText(Rights, known);
  return unknown === 0n ? text : `${text}|0x${unknown.toString(16)}`;
}
