/** Parses the head of a response: status line and fields. */

import { Http1Error } from "./error.ts";
import { type Field, isFieldValue, isToken } from "./fields.ts";

/** Limit on the size of a head. */
export const MAX_HEAD_BYTES: number = 64 * 1024;

/** A parsed head. */
export interface ResponseHead {
  /** The digit after `HTTP/1.`. */
  readonly minorVersion: number;
  /** 100 to 999. */
  readonly status: number;
  /** The reason phrase, or "". */
  readonly reason: string;
  /** Names in lower case, values without surrounding white space. */
  readonly fields: readonly Field[];
}

const STATUS_LINE = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: (.*))?$/s;

/**
 * Parses a head.
 *
 * @param text Its lines, separated by CR LF, one character per byte.
 * @throws {Http1Error} If it is invalid, including folded lines and a lone CR or LF.
 */
export function parseResponseHead(text: string): ResponseHead {
  const lines = text.split("\r\n");
  const match = STATUS_LINE.exec(lines[0]!);
  const reason = match?.[3] ?? "";
  if (match === null || !isFieldValue(reason)) throw new Http1Error("invalid status line");
  const fields: Field[] = [];
  for (let i = 1; i < lines.length; i++) fields.push(parseField(lines[i]!));
  return { minorVersion: Number(match[1]), status: Number(match[2]), reason, fields };
}

/**
 * Parses a field.
 *
 * @param line The line, one character per byte.
 * @throws {Http1Error} If it is malformed.
 */
export function parseField(line: string): Field {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  if (!isToken(name)) throw new Http1Error("malformed header line");
  const value = trimmed(line, colon + 1);
  if (!isFieldValue(value)) throw new Http1Error(`control character in header field ${name.toLowerCase()}`);
  return [name.toLowerCase(), value];
}

/** Removes spaces and tabs only: `trim` removes more. */
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
