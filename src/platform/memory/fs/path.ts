/** Paths of the host program within a directory in memory. Guests' paths are the core's. */

import { Errno } from "../../../witx/errno.ts";
import { Filetype } from "../../../witx/types.ts";
import { checkVacant, enter, lookup } from "./entries.ts";
import { type DirectoryInode, type FileInode, newDirectory, newFile } from "./inode.ts";
import type { Failure } from "../../../contract/results.ts";

/** Symbolic links that may be followed in one look-up, as on Linux. */
const MAX_LINKS = 40;

/**
 * What a path leads to. Symbolic links are followed; `root` is where absolute paths start and where `..` ends.
 *
 * @returns The inode, or minus an errno: NOENT, NOTDIR, LOOP, NAMETOOLONG, INVAL (a NUL in the path).
 */
export function resolve(root: DirectoryInode, path: string): FileInode | DirectoryInode | Failure {
  if (path.includes("\0")) return -Errno.INVAL;
  const rest = path.split("/").reverse();
  let at: FileInode | DirectoryInode = root;
  let links = 0;
  while (rest.length > 0) {
    const name = rest.pop()!;
    if (at.filetype !== Filetype.DIRECTORY) return -Errno.NOTDIR;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      if (at !== root) at = at.parent;
      continue;
    }
    const found: ReturnType<typeof lookup> = lookup(at, name);
    if (typeof found === "number") return found;
    if (found.filetype !== Filetype.SYMBOLIC_LINK) {
      at = found;
      continue;
    }
    if (++links > MAX_LINKS) return -Errno.LOOP;
    if (found.target.startsWith("/")) at = root;
    rest.push(...found.target.split("/").reverse());
  }
  return at;
}

/** As {@linkcode resolve}, for directories; with `make`, those that are missing are made. */
export function resolveDirectory(root: DirectoryInode, path: string, make: boolean): DirectoryInode | Failure {
  const found = resolve(root, path);
  if (typeof found !== "number") return found.filetype === Filetype.DIRECTORY ? found : -Errno.NOTDIR;
  if (!make || found !== -Errno.NOENT) return found;
  const { parent, name } = split(path);
  const directory = resolveDirectory(root, parent, make);
  if (typeof directory === "number") return directory;
  if (isDots(name)) return resolveDirectory(root, path, false);
  const result = checkVacant(directory, name);
  if (result < 0) return result;
  const made = newDirectory(directory);
  enter(directory, name, made);
  return made;
}

/** The file that a path leads to; it and the directories on the way are made if they are missing. */
export function resolveOrMakeFile(root: DirectoryInode, path: string): FileInode | Failure {
  const found = resolve(root, path);
  if (typeof found !== "number") return found.filetype === Filetype.REGULAR_FILE ? found : -Errno.ISDIR;
  if (found !== -Errno.NOENT) return found;
  const { parent, name } = split(path);
  if (path.endsWith("/") || isDots(name)) return -Errno.ISDIR;
  const directory = resolveDirectory(root, parent, true);
  if (typeof directory === "number") return directory;
  const result = checkVacant(directory, name);
  if (result < 0) return result;
  const file = newFile(directory.volume);
  enter(directory, name, file);
  return file;
}

function split(path: string): { parent: string; name: string } {
  const trimmed = path.replace(/\/+$/, "");
  const slash = trimmed.lastIndexOf("/");
  return { parent: trimmed.slice(0, slash + 1), name: trimmed.slice(slash + 1) };
}

function isDots(name: string): boolean {
  return name === "." || name === "..";
}
