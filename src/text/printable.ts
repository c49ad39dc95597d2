/** Makes text from a guest or a module safe to print. */

/** Limit on UTF-16 units: a guest's path has at most 4,096 bytes. */
const MAX_LENGTH = 4096;

/**
 * Characters that terminals, logs or editors interpret: control characters (C0, C1, DEL), format characters (direction
 * marks, zero-width characters, tags), lone surrogates, line and paragraph separators.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** The same except line ends and tabs. */
const UNPRINTABLE_IN_LINES = /(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Escapes text as one line without control characters, truncated if it is very long.
 *
 * @param text Any text.
 * @returns The text with escapes such as `\n` and `\u001b`, and `\xff` for a byte that is not UTF-8.
 */
export function printable(text: string): string {
  return cut(text).replace(UNPRINTABLE, escaped);
}

/** Like {@linkcode printable}, but keeps lines and does not truncate. */
export function printableLines(text: string): string {
  return text.replace(UNPRINTABLE_IN_LINES, escaped);
}

/**
 * Makes the message and stack of an engine's error printable: both quote names from the module. Leaves an error alone
 * if it is printable or can't be changed.
 *
 * @param error The error.
 */
export function makePrintable(error: unknown): void {
  if (!(error instanceof Error)) return;
  for (const name of ["message", "stack"] as const) {
    const text = error[name];
    if (typeof text !== "string") continue;
    const safe = name === "message" ? printable(text) : printableLines(text);
    if (safe !== text) Reflect.defineProperty(error, name, { value: safe, writable: true, configurable: true });
  }
}

function cut(text: string): string {
  return text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}...` : text;
}

function escaped(char: string): string {
  const short = SHORT[char];
  if (short !== undefined) return short;
  const unit = char.charCodeAt(0);
  if (char.length === 1 && unit >= 0xdc80 && unit <= 0xdcff) return `\\x${(unit & 0xff).toString(16)}`;
  let units = "";
  for (let i = 0; i < char.length; i++) units += `\\u${char.charCodeAt(i).toString(16).padStart(4, "0")}`;
  return units;
}
