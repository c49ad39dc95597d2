/** Enumerations, flags and rights by their names. */

import { Rights, RIGHTS_ALL } from "../../witx/types.ts";

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
 * Rights (u64) by name, or as the names that are missing if those are fewer: `ALL`, `ALL-FD_WRITE`. A libc that asks for
 * everything but some sets bits that no right has: `~0`, `~(FD_READ|FD_WRITE)`.
 */
export function rightsText(value: bigint): string {
  const rights = BigInt.asUintN(64, value);
  const noRight = BigInt.asUintN(64, ~BigInt(RIGHTS_ALL));
  const known = Number(rights & BigInt(RIGHTS_ALL));
  const unknown = rights & noRight;
  const missing = Object.entries(Rights).filter(([, bit]) => (known & bit) === 0).map(([name]) => name);
  if (unknown === noRight) return missing.length < 2 ? `~${missing[0] ?? 0}` : `~(${missing.join("|")})`;
  const text = missing.length < RIGHTS_COUNT / 2 ? ["ALL", ...missing].join("-") : flagText(Rights, known);
  return unknown === 0n ? text : `${text}|0x${unknown.toString(16)}`;
}
