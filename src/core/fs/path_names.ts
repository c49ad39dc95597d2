/** What a path or a name looks like, before it is resolved. */

import type { PlatformDirectory } from "../../contract/platform.ts";

/** Bytes of the longest path, as on Linux (PATH_MAX). Compared with UTF-16 units, which are never more. */
export const MAX_PATH = 4096;

const SLASH = 47;

/** Last components that are not names, or lead back to a directory above. */
const DOTS_AT_END = /(^|\/)\.{1,2}\/*$/;

/** True if a directory accepts a name or path, which may stand for bytes that are not UTF-8. */
export function acceptsName(directory: PlatformDirectory, name: string): boolean {
  return directory.takesBytes === true || name.isWellFormed();
}

/** True for a path that starts with a slash. */
export function isAbsolute(path: string): boolean {
  return path.charCodeAt(0) === SLASH;
}

/** True for a path that is a single name. */
export function isSingleName(path: string): boolean {
  if (path === "" || path === "." || path === ".." || path.length > MAX_PATH) return false;
  return !path.includes("/") && !path.includes("\0");
}

/**
 * True for a relative path of several components that ends in a name: a host that keeps it below a directory can resolve
 * it in one call.
 */
export function isPlainPath(path: string): boolean {
  const { length } = path;
  if (length > MAX_PATH || isAbsolute(path) || path.charCodeAt(length - 1) === SLASH) return false;
  return path.includes("/") && !path.includes("\0") && !DOTS_AT_END.test(path);
}

/** Index of the first character from `index` on that is not a slash. */
export function skipSlashes(path: string, index: number): number {
  while (index < path.length && path.charCodeAt(index) === SLASH) index++;
  return index;
}
