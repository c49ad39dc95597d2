/** The head of a response: its status line and its fields. */

import { Http1Error } from "./http1_error.ts";
import { type Field, isFieldValue, isToken } from "./http1_fields.ts";

/** Bytes of a head, at most. */
export const MOST_HEAD_BYTES: number = 64 * 1024;

/** What stands before the body. */
export interface ResponseHead {
  /** The digit after `HTTP/1.`. */
  readonly minorVersion: number;
  /** 100 to 999. */
  readonly status: number;
  /** The phrase behind the status, or "". */
  readonly reason: string;
  /** Names in lower case, values without the space around them. */
  readonly fields: readonly Field[];
}

const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: (.*))?$/s;

/**
 * Read a head.
 *
 * @param text Its lines, each but the last with CR LF, one character for each byte.
 * @throws {Http1Error} If it breaks the rules: also for a folded line, and for a lone CR or LF.
 */
export function parseResponseHead(text: string): ResponseHead {
  const lines = text.split("\r\n");
  const match = STATUS_LINE.exec(lines[0]!);
  const reason = match?.[3] ?? "";
  if (match === null || !isFieldValue(reason)) throw new Http1Error("no status line of HTTP/1.0 or HTTP/1.1");
  const fields: Field[] = [];
  for (let i = 1; i < lines.length; i++) fields.push(parseField(lines[i]!));
  return { minorVersion: Number(match[1]), status: Number(match[2]), reason, fields };
}

function parseField(line: string): Field {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  if (!isToken(name)) throw new Http1Error("a header line that is no name, colon and value");
  const value = trimmed(line, colon + 1);
  if (!isFieldValue(value)) throw new Http1Error(`a control character in the header field ${name.toLowerCase()}`);
  return [name.toLowerCase(), value];
}

/** Only space and tab are space here: `trim` takes away more. */
function trimmed(line: string, from: number): string {
  let start = from;
  let end = line.length;
  while (start < end && isSpace(line.charCodeAt(start))) start++;
  while (end > start && isSpace(line.charCodeAt(end - 1))) end--;
  return line.slice(start, end);
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}
