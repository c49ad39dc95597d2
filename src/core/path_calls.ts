/** The calls with paths: each is a look-up and one operation on a single name. */

import { Errno } from "../witx/errno.ts";
import { emptyFilestat, type Filestat, Filetype, Lookupflags } from "../witx/types.ts";
import type { Place } from "./place.ts";
import { Walk } from "./sandbox.ts";
import { toErrno } from "./scatter.ts";

const walk: Walk = new Walk();
const otherWalk: Walk = new Walk();

/** An operation on the last component of a path. */
export type NameOperation<T> = (walk: Walk, argument: T) => Errno;

/**
 * Look a path up and operate on its last component; a symbolic link is followed if the operation answers `LOOP` and
 * `follow` is set.
 *
 * @param place Directory of the descriptor.
 * @param path Path of the guest.
 * @param follow `Lookupflags`.
 * @param operation What to do; answers `LOOP` if the component is a symbolic link that it will not work on.
 * @param argument Handed to `operation`.
 */
export function atPath<T>(
  place: Place,
  path: string,
  follow: number,
  operation: NameOperation<T>,
  argument: T,
): Errno {
  let errno = walk.start(place, path);
  if (errno === Errno.SUCCESS) errno = operation(walk, argument);
  while (
    errno === Errno.LOOP && walk.name !== "" && ((follow & Lookupflags.SYMLINK_FOLLOW) !== 0 || walk.needsDirectory)
  ) {
    errno = walk.followLink();
    if (errno !== Errno.SUCCESS) break;
    errno = operation(walk, argument);
  }
  walk.end();
  return errno;
}

/** As {@linkcode atPath}, for operations that change a directory and never follow. */
export function changeAtPath<T>(place: Place, path: string, operation: NameOperation<T>, argument: T): Errno {
  let errno = walk.start(place, path);
  if (errno === Errno.SUCCESS) errno = walk.place!.mount.readOnly ? Errno.ROFS : operation(walk, argument);
  walk.end();
  return errno;
}

/** Look two paths up and operate on both names. */
export function changeAtPaths(
  oldPlace: Place,
  oldPath: string,
  newPlace: Place,
  newPath: string,
  operation: (from: Walk, to: Walk) => Errno,
): Errno {
  let errno = walk.start(oldPlace, oldPath);
  if (errno === Errno.SUCCESS) errno = otherWalk.start(newPlace, newPath);
  if (errno === Errno.SUCCESS) errno = operationBetween(operation);
  walk.end();
  otherWalk.end();
  return errno;
}

function operationBetween(operation: (from: Walk, to: Walk) => Errno): Errno {
  if (otherWalk.place!.mount.readOnly) return Errno.ROFS;
  return operation(walk, otherWalk);
}

const stat: Filestat = emptyFilestat();

/** A slash at the end of a path asks for a directory. */
function requireDirectory(at: Walk): Errno {
  const result = at.place!.directory.fstatat(at.name, stat);
  if (result < 0) return toErrno(result);
  return stat.filetype === Filetype.DIRECTORY ? Errno.SUCCESS : Errno.NOTDIR;
}

/** fstatat; `LOOP` for a symbolic link, unless it is what was asked for: see {@linkcode statLink}. */
export function statName(at: Walk, out: Filestat): Errno {
  const { directory } = at.place!;
  if (at.name === "") return toErrno(directory.fstat(out));
  const result = directory.fstatat(at.name, out);
  if (result < 0) return toErrno(result);
  if (out.filetype === Filetype.SYMBOLIC_LINK) return Errno.LOOP;
  return at.needsDirectory && out.filetype !== Filetype.DIRECTORY ? Errno.NOTDIR : Errno.SUCCESS;
}

/** fstatat of the name itself, be it a symbolic link; one with a slash behind it is followed. */
export function statLink(at: Walk, out: Filestat): Errno {
  const errno = statName(at, out);
  return errno === Errno.LOOP && !at.needsDirectory ? Errno.SUCCESS : errno;
}

/** mkdirat. */
export function makeDirectory(at: Walk): Errno {
  return at.name === "" ? Errno.EXIST : toErrno(at.place!.directory.mkdirat(at.name));
}

/** True if the path led to the root of a mount, be it the one that it started in. */
function isRoot(at: Walk): boolean {
  return at.place!.directory === at.place!.mount.root;
}

/** unlinkat. */
export function unlinkName(at: Walk): Errno {
  if (at.name === "") return isRoot(at) ? Errno.BUSY : Errno.ISDIR;
  if (at.needsDirectory) {
    const errno = requireDirectory(at);
    return errno === Errno.SUCCESS ? Errno.ISDIR : errno;
  }
  return toErrno(at.place!.directory.unlinkat(at.name));
}

/** unlinkat with AT_REMOVEDIR. */
export function removeDirectory(at: Walk): Errno {
  if (at.name === "") return isRoot(at) ? Errno.BUSY : Errno.INVAL;
  if (at.place!.isPinned(at.name)) return Errno.BUSY;
  return toErrno(at.place!.directory.rmdirat(at.name));
}

/** A name that is to be made, but not as a directory, has no slash behind it. */
function refuseSlash(at: Walk): Errno {
  const result = at.place!.directory.fstatat(at.name, stat);
  return result < 0 ? toErrno(result) : Errno.EXIST;
}

/** symlinkat. */
export function makeLink(at: Walk, target: string): Errno {
  if (at.name === "") return Errno.EXIST;
  if (at.needsDirectory) return refuseSlash(at);
  return toErrno(at.place!.directory.symlinkat(target, at.name));
}

/** renameat. */
export function renameName(from: Walk, to: Walk): Errno {
  if (from.name === "" || to.name === "") return Errno.BUSY;
  const source = from.place!;
  const target = to.place!;
  if (source.mount.readOnly) return Errno.ROFS;
  if (source.mount !== target.mount) return Errno.XDEV;
  if (source.isPinned(from.name) || target.isPinned(to.name)) return Errno.BUSY;
  if (from.needsDirectory || to.needsDirectory) {
    const errno = requireDirectory(from);
    if (errno !== Errno.SUCCESS) return errno;
  }
  return toErrno(source.directory.renameat(from.name, target.directory, to.name));
}

/** linkat. */
export function linkName(from: Walk, to: Walk): Errno {
  if (from.name === "") return Errno.PERM;
  if (to.name === "") return Errno.EXIST;
  if (to.needsDirectory) return refuseSlash(to);
  if (from.needsDirectory) {
    const errno = requireDirectory(from);
    return errno === Errno.SUCCESS ? Errno.PERM : errno;
  }
  if (from.place!.mount !== to.place!.mount) return Errno.XDEV;
  return toErrno(from.place!.directory.linkat(from.name, to.place!.directory, to.name));
}

/** Times for {@linkcode setTimesAt}. */
export interface TimesRequest {
  /** Access, in ns; undefined leaves it. */
  atim: bigint | undefined;
  /** Modification, in ns; undefined leaves it. */
  mtim: bigint | undefined;
  /** True to follow a symbolic link. */
  follow: boolean;
}

/** utimensat. */
export function setTimesAt(at: Walk, times: TimesRequest): Errno {
  const { directory, mount } = at.place!;
  if (at.name !== "" && (times.follow || at.needsDirectory)) {
    const errno = statName(at, stat);
    if (errno !== Errno.SUCCESS) return errno;
  }
  if (mount.readOnly) return Errno.ROFS;
  if (at.name === "") return toErrno(directory.futimens(times.atim, times.mtim));
  return toErrno(directory.utimensat(at.name, times.atim, times.mtim));
}

/** Where {@linkcode readLinkAt} stores a target. */
export interface LinkBuffer {
  /** Where to store. */
  bytes: Uint8Array;
  /** First index. */
  start: number;
  /** Bytes at most; a longer target is cut. */
  length: number;
  /** Bytes stored. */
  size: number;
}

const encoder: TextEncoder = new TextEncoder();

/** readlinkat; `LOOP` for a symbolic link with a slash behind it, which is followed. */
export function readLinkAt(at: Walk, out: LinkBuffer): Errno {
  if (at.name === "") return Errno.INVAL;
  if (at.needsDirectory) return statName(at, stat) || Errno.INVAL;
  const target = at.place!.directory.readlinkat(at.name);
  if (typeof target === "number") return target;
  const encoded = encoder.encode(target);
  out.size = Math.min(encoded.length, out.length);
  out.bytes.set(encoded.subarray(0, out.size), out.start);
  return Errno.SUCCESS;
}
