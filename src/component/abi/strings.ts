/** Strings in the guest's memory, in the three encodings of the canonical ABI. */

import { trap } from "../link/trap.ts";

/** Encodings of the canonical ABI. */
export type StringEncoding = "utf8" | "utf16" | "latin1+utf16";

/** What strings need of a call context. */
export interface StringMemory {
  readonly encoding: StringEncoding;
  readonly bytes: Uint8Array;
  readonly view: DataView;
  /** Length of the string that was stored last, as the canonical ABI counts it. */
  stringLength: number;
  realloc(align: number, size: number): number;
}

/** Most bytes of a string, as in the specification. */
const MAX_STRING_BYTES: number = 2 ** 28 - 1;

/** Set in the length of a string of `latin1+utf16` that is encoded as UTF-16. */
const UTF16_TAG = 2 ** 31;

/** Up to this many units, a loop over ASCII is faster than a call of the engine's coder. */
const SHORT = 24;

/** Code units per call of `String.fromCharCode`: engines limit the number of arguments. */
const CHUNK = 4096;

const utf8Decoder: TextDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf16Decoder: TextDecoder = new TextDecoder("utf-16le", { fatal: true, ignoreBOM: true });
const utf8Encoder: TextEncoder = new TextEncoder();

/**
 * Read a string.
 *
 * @param pointer Where it begins (unsigned).
 * @param length As the canonical ABI counts it (unsigned).
 * @throws {ComponentTrap} If it is not in memory, too long, or not encoded properly.
 */
export function loadString(memory: StringMemory, pointer: number, length: number): string {
  const size = checkString(memory, pointer, length);
  const { bytes } = memory;
  if (memory.encoding === "utf8") return loadUtf8(bytes, pointer, pointer + size);
  if (isUtf16(memory, length)) return loadUtf16(bytes, pointer, pointer + size);
  return loadLatin1(bytes, pointer, pointer + size);
}

/**
 * Check where a string is.
 *
 * @param pointer Where it begins (unsigned).
 * @param length As the canonical ABI counts it (unsigned).
 * @returns Its size (bytes).
 * @throws {ComponentTrap} If it is not in memory, not aligned, or too long.
 */
export function checkString(memory: StringMemory, pointer: number, length: number): number {
  const { encoding } = memory;
  const size = encoding === "utf8" ? length : stringSize(memory, length);
  if (encoding !== "utf8" && (pointer & 1) !== 0) trap("unaligned pointer");
  if (pointer + size > memory.bytes.length) trap("string pointer/length out of bounds of memory");
  if (size > MAX_STRING_BYTES) tooLong();
  return size;
}

function stringSize(memory: StringMemory, length: number): number {
  const units = memory.encoding === "latin1+utf16" ? length % UTF16_TAG : length;
  return isUtf16(memory, length) ? units * 2 : units;
}

/** True if a string of this length is encoded as UTF-16. */
export function isUtf16({ encoding }: StringMemory, length: number): boolean {
  return encoding === "utf16" || (encoding === "latin1+utf16" && length >= UTF16_TAG);
}

function loadUtf8(bytes: Uint8Array, pointer: number, end: number): string {
  if (end - pointer <= SHORT) {
    let text = "";
    let i = pointer;
    for (; i < end; i++) {
      const unit = bytes[i] as number;
      if (unit > 0x7f) break;
      text += String.fromCharCode(unit);
    }
    if (i === end) return text;
  }
  try {
    return utf8Decoder.decode(bytes.subarray(pointer, end));
  } catch {
    return trap(isCutOff(bytes, pointer, end) ? "incomplete utf-8 byte sequence" : "invalid utf-8 sequence");
  }
}

/** True if the bytes would be UTF-8 if more of them followed. */
function isCutOff(bytes: Uint8Array, pointer: number, end: number): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(pointer, end), { stream: true });
    return true;
  } catch {
    return false;
  }
}

function loadUtf16(bytes: Uint8Array, pointer: number, end: number): string {
  try {
    return utf16Decoder.decode(bytes.subarray(pointer, end));
  } catch {
    return trap("unpaired surrogate found in utf-16 string");
  }
}

function loadLatin1(bytes: Uint8Array, pointer: number, end: number): string {
  let text = "";
  for (let at = pointer; at < end; at += CHUNK) {
    text += String.fromCharCode(...bytes.subarray(at, Math.min(at + CHUNK, end)));
  }
  return text;
}

/**
 * Allocate and write a string. Its length, as the canonical ABI counts it, is `memory.stringLength` afterwards.
 *
 * @param text The string; lone surrogates become U+FFFD.
 * @returns A pointer to it.
 * @throws {ComponentTrap} If it is too long, or the guest allocates it badly.
 */
export function storeString(memory: StringMemory, text: string): number {
  switch (memory.encoding) {
    case "utf8":
      return storeUtf8(memory, text);
    case "utf16":
      return storeUtf16(memory, text, 0);
    case "latin1+utf16":
      return isLatin1(text) ? storeUnits(memory, text, 2) : storeUtf16(memory, text, UTF16_TAG);
  }
}

function storeUtf8(memory: StringMemory, text: string): number {
  const size = utf8Size(text);
  if (size > MAX_STRING_BYTES) tooLong();
  if (size === text.length && size <= SHORT) return storeUnits(memory, text, 1);
  const pointer = memory.realloc(1, size);
  utf8Encoder.encodeInto(text, memory.bytes.subarray(pointer, pointer + size));
  memory.stringLength = size;
  return pointer;
}

/** Bytes of a string in UTF-8. A lone surrogate takes as many as the U+FFFD that it becomes. */
function utf8Size(text: string): number {
  const { length } = text;
  let size = length;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // Both halves of a pair together take four bytes.
    size += unit < 0x800 || (isHigh(unit) && isLow(text.charCodeAt(i + 1))) || isPaired(text, i) ? 1 : 2;
  }
  return size;
}

/** True for the second half of a surrogate pair. */
function isPaired(text: string, at: number): boolean {
  return isLow(text.charCodeAt(at)) && isHigh(text.charCodeAt(at - 1));
}

function isHigh(unit: number): boolean {
  return unit >= 0xd800 && unit < 0xdc00;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit < 0xe000;
}

function storeUtf16(memory: StringMemory, text: string, tag: number): number {
  const units = text.toWellFormed();
  const { length } = units;
  if (length * 2 > MAX_STRING_BYTES) tooLong();
  const pointer = memory.realloc(2, length * 2);
  const { view } = memory;
  for (let i = 0; i < length; i++) view.setUint16(pointer + i * 2, units.charCodeAt(i), true);
  memory.stringLength = length + tag;
  return pointer;
}

/** Store one byte for each code unit. */
function storeUnits(memory: StringMemory, text: string, align: number): number {
  const { length } = text;
  if (length > MAX_STRING_BYTES) tooLong();
  const pointer = memory.realloc(align, length);
  const { bytes } = memory;
  for (let i = 0; i < length; i++) bytes[pointer + i] = text.charCodeAt(i);
  memory.stringLength = length;
  return pointer;
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0xff) return false;
  return true;
}

function tooLong(): never {
  return trap(`string too long: the limit is ${MAX_STRING_BYTES} bytes`);
}
