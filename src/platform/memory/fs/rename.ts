/** rename(2). */

import { Errno } from "../../../witx/errno.ts";
import { Filetype } from "../../../witx/types.ts";
import { enter, leave, lookup, remove } from "./entries.ts";
import { changed, type DirectoryInode, type Inode } from "./inode.ts";

/**
 * Moves a name; an entry of the new name is replaced.
 *
 * @returns 0, or minus NOENT, NAMETOOLONG, XDEV; INVAL (into a directory below itself), NOTEMPTY (over a directory with
 * entries), NOTDIR (a directory over a file), ISDIR (a file over a directory).
 */
export function rename(from: DirectoryInode, name: string, to: DirectoryInode, newName: string): number {
  if (from.volume !== to.volume) return -Errno.XDEV;
  const source = lookup(from, name);
  if (typeof source === "number") return source;
  const target = lookup(to, newName);
  if (typeof target === "number" && target !== -Errno.NOENT) return target;
  if (to.nlink === 0) return -Errno.NOENT;
  if (isSelfOrAbove(source, to)) return -Errno.INVAL;
  if (typeof target !== "number") {
    if (target === source) return 0;
    const result = checkReplaceable(source, target, from);
    if (result < 0) return result;
    remove(to, newName, target);
  }
  leave(from, name, source);
  enter(to, newName, source);
  changed(source);
  return 0;
}

function checkReplaceable(source: Inode, target: Inode, from: DirectoryInode): number {
  if (isSelfOrAbove(target, from)) return -Errno.NOTEMPTY;
  if (target.filetype !== Filetype.DIRECTORY) {
    return source.filetype === Filetype.DIRECTORY ? -Errno.NOTDIR : 0;
  }
  if (source.filetype !== Filetype.DIRECTORY) return -Errno.ISDIR;
  return target.entries.size > 0 ? -Errno.NOTEMPTY : 0;
}

function isSelfOrAbove(inode: Inode, directory: DirectoryInode): boolean {
  for (let at = directory;; at = at.parent) {
    if (at === inode) return true;
    if (at.parent === at) return false;
  }
}
