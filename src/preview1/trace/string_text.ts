/** Strings of a guest, so that they are one line and do nothing to a terminal. */

import { textOfBytes } from "../../text/byte_text.ts";
import { printable } from "../../text/printable.ts";

/** UTF-16 units of a string that are shown. */
const MAX_LENGTH = 256;

/** Strings of a list that are shown. */
const MAX_STRINGS = 64;

/** An escape of JSON: that of a byte that is not UTF-8, or another one. */
const ESCAPED = /\\(?:udc([89a-f][0-9a-f])|.)/g;

/** A string in quotes, escaped, and cut if it is long: `"a\nb"`, `"aaaa"...`. Bytes that are not UTF-8 are `\xff`. */
export function quoted(text: string): string {
  const shown = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
  const json = JSON.stringify(shown);
  const escaped = printable(
    json.replace(ESCAPED, (escape, byte: string | undefined) => byte === undefined ? escape : `\\x${byte}`),
  );
  return shown === text ? escaped : `${escaped}...`;
}

/** Bytes as a string in quotes. */
export function quotedBytes(bytes: Uint8Array): string {
  // No character of UTF-16 takes more than 3 bytes.
  return quoted(textOfBytes(bytes.subarray(0, 3 * (MAX_LENGTH + 1))));
}

/** A list, cut if it is long: `[a, b]`, `[a, b, ... 3 more]`. */
export function listText(count: number, most: number, text: (i: number) => string): string {
  const words = Array.from({ length: Math.min(count, most) }, (_, i) => text(i));
  if (count > most) words.push(`... ${count - most} more`);
  return `[${words.join(", ")}]`;
}

/** Strings with a NUL at the end of each, as arguments and variables are. */
export function stringsText(strings: readonly Uint8Array[]): string {
  return listText(strings.length, MAX_STRINGS, (i) => quotedBytes(strings[i]!.subarray(0, -1)));
}
