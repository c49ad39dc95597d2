/**
 * What is in a folder, as lines.
 *
 * @module
 */

import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Each entry below a folder: its path, type, number of links, and content or target. Links are not followed. */
export function contentsOf(folder: string, prefix: string = ""): string[] {
  return readdirSync(folder).sort().flatMap((name) => {
    const full = join(folder, name);
    const path = `${prefix}${name}`;
    const stat = lstatSync(full);
    const mode = (stat.mode & 0o777).toString(8);
    if (stat.isSymbolicLink()) return [`${path} -> ${readlinkSync(full)}`];
    if (stat.isDirectory()) return [`${path}/ ${mode}`, ...contentsOf(full, `${path}/`)];
    return [`${path} ${mode} ${stat.nlink} ${JSON.stringify(readFileSync(full, "latin1"))}`];
  });
}

/** Fill a folder. A name that ends with `/` is a directory; content that begins with `-> ` is the target of a link. */
export function fillFolder(folder: string, entries: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(entries)) {
    const path = join(folder, name);
    if (name.endsWith("/")) mkdirSync(path, { recursive: true });
    else if (content.startsWith("-> ")) symlinkSync(content.slice("-> ".length), path);
    else writeFileSync(path, content);
  }
}
