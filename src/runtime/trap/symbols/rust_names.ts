/** Names of Rust functions as their authors wrote them: Rust's linker puts mangled ones into the name section. */

import { demangleV0 } from "./rust_v0.ts";

/** `_ZN`, the parts, each with its length in front, and `17h`, a hash of 16 digits, `E`. */
const LEGACY = /^_ZN(.*)17h[0-9a-f]{16}E(\..*)?$/s;

/** What LLVM adds to the name of a copy. */
const LLVM_SUFFIX = /\.llvm\.[0-9A-F@]+$/;

/** Characters of the longest name that is looked at. */
const MAX_LENGTH = 16_384;

const ESCAPES: Readonly<Record<string, string>> = {
  SP: "@",
  BP: "*",
  RF: "&",
  LT: "<",
  GT: ">",
  LP: "(",
  RP: ")",
  C: ",",
};

/**
 * Demangle a name of Rust's legacy scheme (`_ZN…17h…E`) or its v0 scheme (`_R…`, RFC 2603), without hashes.
 *
 * @param name Any name.
 * @returns The readable name; the name itself if it is of neither scheme.
 */
export function demangleRust(name: string): string {
  if (name.length > MAX_LENGTH) return name;
  if (name.startsWith("_R")) return demangleV0(name.replace(LLVM_SUFFIX, "")) ?? name;
  const match = LEGACY.exec(name.replace(LLVM_SUFFIX, ""));
  if (match === null) return name;
  const parts = legacyParts(match[1]!);
  return parts === undefined ? name : parts.map(unescape).join("::") + (match[2] ?? "");
}

function legacyParts(text: string): string[] | undefined {
  const parts: string[] = [];
  for (let at = 0; at < text.length;) {
    const digits = /^[1-9]\d{0,5}/.exec(text.slice(at, at + 6))?.[0];
    if (digits === undefined) return undefined;
    const start = at + digits.length;
    at = start + Number(digits);
    if (at > text.length) return undefined;
    parts.push(text.slice(start, at));
  }
  return parts.length === 0 ? undefined : parts;
}

function unescape(part: string): string {
  const text = part.startsWith("_$") ? part.slice(1) : part;
  return text.replace(/\$([A-Z]{1,2})\$|\$u([0-9a-f]{1,6})\$|\.\./g, (whole, escape?: string, code?: string) => {
    if (code !== undefined) return characterOf(Number.parseInt(code, 16)) ?? whole;
    return escape === undefined ? "::" : ESCAPES[escape] ?? whole;
  });
}

function characterOf(code: number): string | undefined {
  const isCharacter = code >= 0x20 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
  return isCharacter ? String.fromCodePoint(code) : undefined;
}
