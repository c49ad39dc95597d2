/** Absolute paths of the guest, as text. */

/**
 * A path without `.`, `..` and superfluous slashes, from the root on.
 *
 * @param path Path of the guest; a relative one is taken from the root.
 */
export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return "/" + parts.join("/");
}

/** True if `path` is `ancestor` or lies beneath it; both are absolute. */
export function isWithin(path: string, ancestor: string): boolean {
  return ancestor === "/" || path === ancestor || path.startsWith(ancestor + "/");
}
