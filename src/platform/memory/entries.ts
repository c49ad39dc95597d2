/** Names in directories: looked up, made and removed. The checks are those of Linux, in its order. */

import { Errno } from "../../witx/errno.ts";
import { Filetype } from "../../witx/types.ts";
import { changed, type DirectoryInode, type Inode, modified, reclaim } from "./inode.ts";

/** Bytes of the longest name, as on Linux (NAME_MAX). */
const MAX_NAME = 255;

/** Bytes that one UTF-16 unit takes at most. */
const MAX_UNIT = 3;

const encoder: TextEncoder = new TextEncoder();

/** Bytes of a text in UTF-8. */
export function encodedLength(text: string): number {
  return encoder.encode(text).length;
}

function isTooLong(name: string): boolean {
  if (name.length > MAX_NAME) return true;
  return name.length * MAX_UNIT > MAX_NAME && encodedLength(name) > MAX_NAME;
}

/** What a name refers to. Errors: NAMETOOLONG, NOENT. */
export function lookup(directory: DirectoryInode, name: string): Inode | Errno {
  if (isTooLong(name)) return Errno.NAMETOOLONG;
  return directory.entries.get(name) ?? Errno.NOENT;
}

/** Whether a new name can be made. Errors: NAMETOOLONG, NOENT (the directory was removed), EXIST, NOSPC. */
export function vacancy(directory: DirectoryInode, name: string): Errno {
  if (isTooLong(name)) return Errno.NAMETOOLONG;
  if (directory.nlink === 0) return Errno.NOENT;
  if (directory.entries.has(name)) return Errno.EXIST;
  return directory.volume.names.free < 1 ? Errno.NOSPC : Errno.SUCCESS;
}

/** Make a name for an inode. Nothing is checked. */
export function enter(directory: DirectoryInode, name: string, inode: Inode): void {
  directory.entries.set(name, inode);
  directory.volume.names.take(1);
  if (inode.filetype === Filetype.DIRECTORY) {
    inode.parent = directory;
    directory.nlink++;
  } else {
    inode.nlink++;
  }
  modified(directory);
}

/** Remove a name; the inode is not told. */
export function leave(directory: DirectoryInode, name: string, inode: Inode): void {
  directory.entries.delete(name);
  directory.volume.names.release(1);
  if (inode.filetype === Filetype.DIRECTORY) directory.nlink--;
  else inode.nlink--;
  modified(directory);
}

/** Remove a name for good, and with the last one what it refers to. */
export function remove(directory: DirectoryInode, name: string, inode: Inode): void {
  leave(directory, name, inode);
  if (inode.filetype === Filetype.DIRECTORY) inode.nlink = 0;
  changed(inode);
  reclaim(inode);
}
