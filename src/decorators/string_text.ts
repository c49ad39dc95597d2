/** Strings of a guest, so that they are one line and do nothing to a terminal. */

/** UTF-16 units of a string that are shown. */
const MAX_LENGTH = 256;

/** Strings of a list that are shown. */
const MAX_STRINGS = 64;

/** What JSON leaves as it is, though terminals or editors take it for more than a character. */
const UNSAFE = /[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const decoder = new TextDecoder(undefined, { ignoreBOM: true });

/** A string in quotes, escaped, and cut if it is long: `"a\nb"`, `"aaaa"...`. */
export function quoted(text: string): string {
  const shown = text.length > MAX_LENGTH ? text.slice(0, MAX_LENGTH) : text;
  const escaped = JSON.stringify(shown).replace(
    UNSAFE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return shown === text ? escaped : `${escaped}...`;
}

/** Bytes as a string in quotes; what is not UTF-8 becomes U+FFFD. */
export function quotedBytes(bytes: Uint8Array): string {
  // No character of UTF-16 takes more than 3 bytes.
  return quoted(decoder.decode(bytes.subarray(0, 3 * (MAX_LENGTH + 1))));
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
