/** rename(2). */

import { Errno } from "../../witx/errno.ts";
import { Filetype } from "../../witx/types.ts";
import { enter, leave, lookup, remove } from "./entries.ts";
import { changed, type DirectoryInode, type Inode } from "./inode.ts";

/**
 * Move a name, over another one if need be.
 *
 * @returns Errors: NOENT, NAMETOOLONG, XDEV; INVAL into a directory below itself; NOTEMPTY over a directory that has
 * entries; NOTDIR a directory over what is none; ISDIR the other way round.
 */
export function rename(from: DirectoryInode, name: string, to: DirectoryInode, newName: string): Errno {
  if (from.volume !== to.volume) return Errno.XDEV;
  const source = lookup(from, name);
  if (typeof source === "number") return source;
  const target = lookup(to, newName);
  if (typeof target === "number" && target !== Errno.NOENT) return target;
  if (to.nlink === 0) return Errno.NOENT;
  if (isSelfOrAbove(source, to)) return Errno.INVAL;
  if (typeof target !== "number") {
    if (target === source) return Errno.SUCCESS;
    const errno = replaceable(source, target, from);
    if (errno !== Errno.SUCCESS) return errno;
    remove(to, newName, target);
  }
  leave(from, name, source);
  enter(to, newName, source);
  changed(source);
  return Errno.SUCCESS;
}

function replaceable(source: Inode, target: Inode, from: DirectoryInode): Errno {
  if (isSelfOrAbove(target, from)) return Errno.NOTEMPTY;
  if (target.filetype !== Filetype.DIRECTORY) {
    return source.filetype === Filetype.DIRECTORY ? Errno.NOTDIR : Errno.SUCCESS;
  }
  if (source.filetype !== Filetype.DIRECTORY) return Errno.ISDIR;
  return target.entries.size > 0 ? Errno.NOTEMPTY : Errno.SUCCESS;
}

function isSelfOrAbove(inode: Inode, directory: DirectoryInode): boolean {
  for (let at = directory;; at = at.parent) {
    if (at === inode) return true;
    if (at.parent === at) return false;
  }
}
