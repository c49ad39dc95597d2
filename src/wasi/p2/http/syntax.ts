/** Parts of a message as a guest passes them, and their syntax. */

import { isHost, isToken } from "../../../core/http1/fields.ts";

/** A `method` or `scheme`, of the JS conventions. */
export interface Tagged {
  /** Name of the case. */
  readonly tag: string;
  /** The text of `other`. */
  readonly val?: unknown;
}

const METHODS = ["get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"];

/** Canonical text of `method`. */
export const METHOD_TYPE: string = `variant{${METHODS.join(", ")}, other(string)}`;
/** Canonical text of `scheme`. */
export const SCHEME_TYPE: string = "variant{HTTP, HTTPS, other(string)}";

/** The `method` of a request. @param text As in a request line: `GET`. */
export function methodOf(text: string): Tagged {
  const tag = text.toLowerCase();
  return METHODS.includes(tag) && text === text.toUpperCase() ? { tag } : { tag: "other", val: text };
}

/** The method for a request line; undefined if it is not valid. */
export function methodText({ tag, val }: Tagged): string | undefined {
  if (tag !== "other") return tag.toUpperCase();
  return isToken(val as string) ? val as string : undefined;
}

/** The `scheme` of a URL. @param text As a URL has it: `http`. */
export function schemeOf(text: string): Tagged {
  const tag = text.toUpperCase();
  return tag === "HTTP" || tag === "HTTPS" ? { tag } : { tag: "other", val: text };
}

/** The scheme as a URL has it; undefined if it is not valid (RFC 3986 3.1). */
export function schemeText({ tag, val }: Tagged): string | undefined {
  if (tag !== "other") return tag.toLowerCase();
  return /^[a-z][a-z0-9+.-]*$/i.test(val as string) ? val as string : undefined;
}

/** True for a path with a query, or an empty one: no space, no control character, no fragment. */
export function isPathWithQuery(text: string): boolean {
  return /^[!"$-~]*$/.test(text);
}

/** True for a host with or without a port. */
export function isAuthority(text: string): boolean {
  return isHost(text);
}
