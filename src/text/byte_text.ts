/**
 * Strings that represent bytes which need not be UTF-8: file names, arguments, environment variables.
 *
 * Valid UTF-8 is decoded. Any other byte becomes the lone surrogate U+DC80 to U+DCFF with the same low 8 bits, as in
 * Python (PEP 383). Different bytes have different text, so that text can be compared instead of bytes (RATIONALE "How
 * can a name that is not UTF-8 be a string?").
 *
 * @module
 */

const encoder: TextEncoder = new TextEncoder();
/** Not fatal: a fatal decoder takes twice as long on Deno. */
const decoder: TextDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The surrogate of byte 0. Only those of bytes from 0x80 up are used: the others are ASCII. */
const ESCAPE = 0xdc00;

/** Surrogates that are not part of a pair. */
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

/**
 * Converts bytes to text.
 *
 * @param bytes Any bytes.
 */
export function textOfBytes(bytes: Uint8Array): string {
  const text = decoder.decode(bytes);
  return text.includes("\ufffd") ? escaped(bytes) : text;
}

function escaped(bytes: Uint8Array): string {
  let text = "";
  let start = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += decoder.decode(bytes.subarray(start, at)) + String.fromCharCode(ESCAPE | bytes[at]!);
    start = ++at;
  }
  return text + decoder.decode(bytes.subarray(start));
}

/** Length of the well-formed sequence at an index, or 0 (table 3-7 of the Unicode Standard). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at]!;
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  const second = bytes[at + 1] ?? 0;
  const min = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const max = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < min || second > max) return 0;
  if (first < 0xe0) return 2;
  if (!isContinuation(bytes[at + 2])) return 0;
  if (first < 0xf0) return 3;
  return isContinuation(bytes[at + 3]) ? 4 : 0;
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/**
 * Converts text to the bytes that it represents.
 *
 * @param text The text of bytes, or any well-formed string.
 * @returns The bytes, or undefined if the text represents none: it has a lone surrogate other than U+DC80 to U+DCFF, or
 * escaped bytes that together are valid UTF-8 and would have been decoded.
 */
export function bytesOfText(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (text.isWellFormed()) return encoder.encode(text);
  // A UTF-16 unit takes at most 3 bytes.
  const bytes = new Uint8Array(3 * text.length);
  let length = 0;
  let start = 0;
  for (const { index } of text.matchAll(LONE_SURROGATE)) {
    const unit = text.charCodeAt(index);
    if (unit < (ESCAPE | 0x80) || unit > (ESCAPE | 0xff)) return undefined;
    length += encoder.encodeInto(text.slice(start, index), bytes.subarray(length)).written;
    bytes[length++] = unit & 0xff;
    start = index + 1;
  }
  length += encoder.encodeInto(text.slice(start), bytes.subarray(length)).written;
  const stored = bytes.slice(0, length);
  return textOfBytes(stored) === text ? stored : undefined;
}

/** True if a text represents bytes: see {@linkcode bytesOfText}. */
export function isByteText(text: string): boolean {
  return text.isWellFormed() || bytesOfText(text) !== undefined;
}

/** Converts text from a host; what represents no bytes becomes U+FFFD, because the error can't be reported. */
export function lenientBytesOfText(text: string): Uint8Array<ArrayBuffer> {
  return bytesOfText(text) ?? encoder.encode(text);
}
