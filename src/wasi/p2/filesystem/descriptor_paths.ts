/** What a descriptor does with paths. Each call returns 0 or what it produces, or minus an errno. */

import type { Failure } from "../../../contract/results.ts";
import { type OpenedPath, openPath, type OpenRequest } from "../../../core/fs/open.ts";
import type { ObjectHash } from "../../../core/fs/object_hash.ts";
import {
  createDirectoryAt as createDirectory,
  linkAt as link,
  lstatAt,
  readLinkAt,
  removeDirectoryAt as removeDirectory,
  renameAt as rename,
  setTimesAt as setTimes,
  statAt as stat,
  symlinkAt as symlink,
  unlinkAt as unlink,
} from "../../../core/fs/path_operations.ts";
import type { LastLink } from "../../../core/fs/path_resolver.ts";
import { Errno } from "../../../witx/errno.ts";
import type { Filestat } from "../../../witx/types.ts";
import { Descriptor } from "./descriptor.ts";
import { DescriptorFlags, OpenFlags, SYMLINK_FOLLOW } from "./flags.ts";

const { READ, WRITE, FILE_INTEGRITY_SYNC, DATA_INTEGRITY_SYNC, REQUESTED_WRITE_SYNC, MUTATE_DIRECTORY } =
  DescriptorFlags;
const SYNC = FILE_INTEGRITY_SYNC | DATA_INTEGRITY_SYNC | REQUESTED_WRITE_SYNC;
const { CREATE, DIRECTORY, EXCLUSIVE, TRUNCATE } = OpenFlags;

function lastLinkOf(pathFlags: number): LastLink {
  return (pathFlags & SYMLINK_FOLLOW) !== 0 ? "follow" : "nofollow";
}

/** What is opened by {@linkcode openAt}. */
export interface OpenAtRequest {
  /** Bits of `path-flags`. */
  pathFlags: number;
  /** Bits of `OpenFlags`. */
  openFlags: number;
  /** Bits of `DescriptorFlags`. */
  flags: number;
}

/**
 * Opens a path.
 *
 * Permission to change comes from the preopen and is inherited. It does not depend on `mutate-directory` of the directories
 * between, which neither wasi-libc nor the adapter of preview 1 requests (RATIONALE "Why does a directory without
 * mutate-directory accept changes?").
 *
 * @returns The descriptor, or minus an errno: PERM a change through a read-only preopen; INVAL `directory` with another of
 * the open flags; MFILE; LOOP a symbolic link that is not to be followed; ISDIR, NOTDIR, EXIST; and those of paths.
 */
export function openAt(from: Descriptor, path: string, request: OpenAtRequest): Descriptor | Failure {
  const { pathFlags, openFlags, flags } = request;
  const { start, filesystem, isMutable } = from;
  if (typeof start === "number") return start;
  const changes = (openFlags & (CREATE | TRUNCATE)) !== 0 || (flags & (WRITE | MUTATE_DIRECTORY)) !== 0;
  if (changes && !isMutable) return -Errno.PERM;
  if ((openFlags & DIRECTORY) !== 0 && openFlags !== DIRECTORY) return -Errno.INVAL;
  const { openRequest, openFiles } = filesystem;
  if (!openFiles.take()) return -Errno.MFILE;
  fillRequest(openRequest, openFlags, flags);
  openRequest.lastLink = lastLinkOf(pathFlags);
  const object = openPath(filesystem.resolver, start, path, openRequest);
  if (typeof object === "number") {
    openFiles.release();
    return object;
  }
  const opensMutable = isMutable && !(object.kind === "directory" && object.mounted.mount.readOnly);
  return new Descriptor(filesystem, object, {
    flags: flagsOf(object, flags, opensMutable),
    isMutable: opensMutable,
    counted: openFiles,
  });
}

/** A file is opened for reading if it is not for writing, and for writing also to be truncated. */
function fillRequest(request: OpenRequest, openFlags: number, flags: number): void {
  const create = (openFlags & CREATE) !== 0;
  request.directory = (openFlags & DIRECTORY) !== 0;
  request.write = (flags & WRITE) !== 0 || (openFlags & TRUNCATE) !== 0;
  request.read = (flags & READ) !== 0 || (flags & WRITE) === 0;
  request.create = create;
  request.exclusive = create && (openFlags & EXCLUSIVE) !== 0;
  request.truncate = (openFlags & TRUNCATE) !== 0;
  request.syncAll = (flags & (FILE_INTEGRITY_SYNC | REQUESTED_WRITE_SYNC)) !== 0;
  request.syncData = (flags & DATA_INTEGRITY_SYNC) !== 0;
}

function flagsOf(object: OpenedPath, requested: number, isMutable: boolean): number {
  if (object.kind === "directory") return READ | (isMutable ? requested & MUTATE_DIRECTORY : 0);
  const access = requested & (READ | WRITE);
  return (access === 0 ? READ : access) | (requested & SYNC);
}

/** Stores the attributes of a path. */
export function statAt(from: Descriptor, pathFlags: number, path: string, out: Filestat): number {
  const { start } = from;
  if (typeof start === "number") return start;
  const lastLink = lastLinkOf(pathFlags);
  return from.filesystem.resolver.resolve(start, path, lastLink, lastLink === "follow" ? stat : lstatAt, out);
}

/** A hash that tells the file at a path from others. */
export function metadataHashAt(from: Descriptor, pathFlags: number, path: string): ObjectHash | Failure {
  const { stat: attributes, hash } = from.filesystem;
  const result = statAt(from, pathFlags, path, attributes);
  if (result < 0) return result;
  hash.compute(attributes);
  return hash;
}

/** Sets the times (ns) of a path; undefined leaves one as it is. */
export function setTimesAt(
  from: Descriptor,
  pathFlags: number,
  path: string,
  atim: bigint | undefined,
  mtim: bigint | undefined,
): number {
  const start = from.startOfChange;
  if (typeof start === "number") return start;
  const { resolver, timesRequest } = from.filesystem;
  timesRequest.atim = atim;
  timesRequest.mtim = mtim;
  timesRequest.lastLink = lastLinkOf(pathFlags);
  return resolver.resolve(start, path, timesRequest.lastLink, setTimes, timesRequest);
}

/** Creates a directory. */
export function createDirectoryAt(from: Descriptor, path: string): number {
  const start = from.startOfChange;
  if (typeof start === "number") return start;
  return from.filesystem.resolver.resolveToModify(start, path, createDirectory, undefined);
}

/** Removes an empty directory. */
export function removeDirectoryAt(from: Descriptor, path: string): number {
  const start = from.startOfChange;
  if (typeof start === "number") return start;
  return from.filesystem.resolver.resolveToModify(start, path, removeDirectory, undefined);
}

/** Removes a name that is not a directory. */
export function unlinkFileAt(from: Descriptor, path: string): number {
  const start = from.startOfChange;
  if (typeof start === "number") return start;
  return from.filesystem.resolver.resolveToModify(start, path, unlink, undefined);
}

/** Creates a symbolic link. Errors: PERM an absolute target. */
export function symlinkAt(from: Descriptor, target: string, path: string): number {
  const start = from.startOfChange;
  if (typeof start === "number") return start;
  if (target.includes("\0")) return -Errno.INVAL;
  if (target === "") return -Errno.NOENT;
  if (target.startsWith("/")) return -Errno.PERM;
  return from.filesystem.resolver.resolveToModify(start, path, symlink, target);
}

/**
 * Reads the target of a symbolic link. Errors: INVAL not a link; ILSEQ a target that is not UTF-8; PERM an absolute one, but
 * from where it would be followed.
 */
export function readlinkAt(from: Descriptor, path: string): string | Failure {
  const { start } = from;
  if (typeof start === "number") return start;
  const target = from.filesystem.resolver.resolve(start, path, "nofollow", readLinkAt, undefined);
  if (typeof target === "number") return target;
  if (target.startsWith("/") && !start.isGuestRoot) return -Errno.PERM;
  return target.isWellFormed() ? target : -Errno.ILSEQ;
}

/** Creates a hard link. Errors: INVAL the old path is to be followed; XDEV another mount. */
export function linkAt(
  from: Descriptor,
  pathFlags: number,
  path: string,
  to: Descriptor,
  newPath: string,
): number {
  const start = from.startOfChange;
  if (typeof start === "number") return start;
  const newStart = to.startOfChange;
  if (typeof newStart === "number") return newStart;
  if (lastLinkOf(pathFlags) === "follow") return -Errno.INVAL;
  return from.filesystem.resolver.resolveBothToModify(start, path, newStart, newPath, link);
}

/** Renames. Errors: XDEV another mount; BUSY a mount. */
export function renameAt(from: Descriptor, path: string, to: Descriptor, newPath: string): number {
  const start = from.startOfChange;
  if (typeof start === "number") return start;
  const newStart = to.startOfChange;
  if (typeof newStart === "number") return newStart;
  return from.filesystem.resolver.resolveBothToModify(start, path, newStart, newPath, rename);
}
