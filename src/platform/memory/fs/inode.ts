/**
 * Files, directories and symbolic links, as names refer to them.
 *
 * Times follow POSIX, except that reading does not update `atim`, as on a file system mounted with `noatime`.
 */

import { type Filestat, Filetype } from "../../../witx/types.ts";
import { Content } from "./content.ts";
import type { Volume } from "./volume.ts";

/** Size that a directory reports, as on common file systems of Linux. */
const DIRECTORY_SIZE = 4096;

/** Properties of all kinds. */
interface Attributes {
  /** The file system that it belongs to. */
  readonly volume: Volume;
  /** Serial number. */
  readonly ino: bigint;
  /** Names that refer to it; for a directory 2 and one for each directory in it, or 0 once it was removed. */
  nlink: number;
  /** Last access. */
  atim: bigint;
  /** Last modification. */
  mtim: bigint;
  /** Last status change. */
  ctim: bigint;
}

/** A regular file. */
export interface FileInode extends Attributes {
  readonly filetype: typeof Filetype.REGULAR_FILE;
  /** Its bytes. */
  readonly content: Content;
  /** How often it is open. */
  opened: number;
}

/** A directory. */
export interface DirectoryInode extends Attributes {
  readonly filetype: typeof Filetype.DIRECTORY;
  /** Its entries, in the order of creation. */
  readonly entries: Map<string, Inode>;
  /** The directory above; the root has itself. */
  parent: DirectoryInode;
}

/** A symbolic link. */
export interface LinkInode extends Attributes {
  readonly filetype: typeof Filetype.SYMBOLIC_LINK;
  /** Its target. */
  readonly target: string;
  /** Bytes of the target. */
  readonly size: number;
}

/** Any inode. */
export type Inode = FileInode | DirectoryInode | LinkInode;

function attributes(volume: Volume): Attributes {
  const now = volume.now();
  return { volume, ino: volume.takeIno(), nlink: 0, atim: now, mtim: now, ctim: now };
}

/** @returns An empty file without a name. */
export function newFile(volume: Volume): FileInode {
  const content = new Content(volume.bytes);
  return { ...attributes(volume), filetype: Filetype.REGULAR_FILE, content, opened: 0 };
}

/** @returns The empty root of a file system. */
export function newRoot(volume: Volume): DirectoryInode {
  const root = { ...attributes(volume), filetype: Filetype.DIRECTORY, entries: new Map<string, Inode>(), nlink: 2 };
  return withParent(root, undefined);
}

/** @returns An empty directory, without a name yet. */
export function newDirectory(parent: DirectoryInode): DirectoryInode {
  const { volume } = parent;
  const made = { ...attributes(volume), filetype: Filetype.DIRECTORY, entries: new Map<string, Inode>(), nlink: 2 };
  return withParent(made, parent);
}

function withParent(made: Omit<DirectoryInode, "parent">, parent: DirectoryInode | undefined): DirectoryInode {
  const inode = made as DirectoryInode;
  inode.parent = parent ?? inode;
  return inode;
}

/** @returns A symbolic link without a name; `size` is that of the encoded target. */
export function newLink(volume: Volume, target: string, size: number): LinkInode {
  return { ...attributes(volume), filetype: Filetype.SYMBOLIC_LINK, target, size };
}

/** Copy attributes. @returns 0. */
export function storeAttributes(inode: Inode, out: Filestat): number {
  out.dev = inode.volume.dev;
  out.ino = inode.ino;
  out.filetype = inode.filetype;
  out.nlink = BigInt(inode.nlink);
  out.size = BigInt(sizeOf(inode));
  out.atim = inode.atim;
  out.mtim = inode.mtim;
  out.ctim = inode.ctim;
  return 0;
}

function sizeOf(inode: Inode): number {
  if (inode.filetype === Filetype.REGULAR_FILE) return inode.content.size;
  return inode.filetype === Filetype.SYMBOLIC_LINK ? inode.size : DIRECTORY_SIZE;
}

/** Its contents changed now. */
export function modified(inode: Inode): void {
  inode.mtim = inode.ctim = inode.volume.now();
}

/** Its attributes changed now. */
export function changed(inode: Inode): void {
  inode.ctim = inode.volume.now();
}

/** Set times; undefined leaves one as it is. @returns 0. */
export function setTimes(inode: Inode, atim: bigint | undefined, mtim: bigint | undefined): number {
  if (atim === undefined && mtim === undefined) return 0;
  if (atim !== undefined) inode.atim = atim;
  if (mtim !== undefined) inode.mtim = mtim;
  changed(inode);
  return 0;
}

/** Frees the space of a file without names that is not open. */
export function reclaim(inode: Inode): void {
  if (inode.filetype === Filetype.REGULAR_FILE && inode.nlink === 0 && inode.opened === 0) inode.content.setSize(0);
}
