/** Names in directories: looked up, made and removed. The checks are those of Linux, in its order. */

import { Errno } from "../../../witx/errno.ts";
import { Filetype } from "../../../witx/types.ts";
import { isByteText, lenientBytesOfText } from "../../../text/byte_text.ts";
import { changed, type DirectoryInode, type Inode, modified, reclaim } from "./inode.ts";
import type { Failure } from "../../../contract/results.ts";

/** Bytes of the longest name, as on Linux (NAME_MAX). */
const MAX_NAME = 255;

/** Bytes that one UTF-16 unit takes at most. */
const MAX_UNIT = 3;

/** The bytes that a text represents. */
export function encodedLength(text: string): number {
  return lenientBytesOfText(text).length;
}

function isTooLong(name: string): boolean {
  if (name.length > MAX_NAME) return true;
  return name.length * MAX_UNIT > MAX_NAME && encodedLength(name) > MAX_NAME;
}

/** What a name refers to. Errors: NAMETOOLONG, NOENT. */
export function lookup(directory: DirectoryInode, name: string): Inode | Failure {
  if (isTooLong(name)) return -Errno.NAMETOOLONG;
  return directory.entries.get(name) ?? -Errno.NOENT;
}

/**
 * Checks that a new name can be made.
 *
 * @returns 0, or minus NAMETOOLONG, ILSEQ (no bytes encode to it), NOENT (the directory was removed), EXIST or NOSPC.
 */
export function checkVacant(directory: DirectoryInode, name: string): number {
  if (isTooLong(name)) return -Errno.NAMETOOLONG;
  if (!isByteText(name)) return -Errno.ILSEQ;
  if (directory.nlink === 0) return -Errno.NOENT;
  if (directory.entries.has(name)) return -Errno.EXIST;
  return directory.volume.names.free < 1 ? -Errno.NOSPC : 0;
}

/** Adds a name for an inode, without checks. */
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

/** Removes a name without updating the inode. */
export function leave(directory: DirectoryInode, name: string, inode: Inode): void {
  directory.entries.delete(name);
  directory.volume.names.release(1);
  if (inode.filetype === Filetype.DIRECTORY) directory.nlink--;
  else inode.nlink--;
  modified(directory);
}

/** Removes a name, and with the last name the inode. */
export function remove(directory: DirectoryInode, name: string, inode: Inode): void {
  leave(directory, name, inode);
  if (inode.filetype === Filetype.DIRECTORY) inode.nlink = 0;
  changed(inode);
  reclaim(inode);
}
