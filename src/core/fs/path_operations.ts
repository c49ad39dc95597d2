/** Operations on the last component of a path. Each returns 0 or minus an errno. */

import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import type { Failure } from "../../contract/results.ts";
import { acceptsName } from "./path_names.ts";
import type { LastLink } from "./path_resolver.ts";
import type { PathWalk } from "./path_walk.ts";

/** Checks that the last component is a directory, as a trailing slash demands. */
function requireDirectory(walk: PathWalk): number {
  const result = walk.parent!.directory.fstatat(walk.name, walk.stat);
  if (result < 0) return result;
  return walk.stat.filetype === Filetype.DIRECTORY ? 0 : -Errno.NOTDIR;
}

/** Refuses a trailing slash behind a name that is not created as a directory. */
function refuseSlash(walk: PathWalk): Failure {
  const result = walk.parent!.directory.fstatat(walk.name, walk.stat);
  return result < 0 ? result : -Errno.EXIST;
}

/** stat(2): `-LOOP` for a symbolic link. */
export function statAt(walk: PathWalk, out: Filestat): number {
  const { directory } = walk.parent!;
  if (walk.name === "") return directory.fstat(out);
  const result = directory.fstatat(walk.name, out);
  if (result < 0) return result;
  if (out.filetype === Filetype.SYMBOLIC_LINK) return -Errno.LOOP;
  return walk.needsDirectory && out.filetype !== Filetype.DIRECTORY ? -Errno.NOTDIR : 0;
}

/** lstat(2): `-LOOP` only for a symbolic link before a trailing slash. */
export function lstatAt(walk: PathWalk, out: Filestat): number {
  const result = statAt(walk, out);
  return result === -Errno.LOOP && !walk.needsDirectory ? 0 : result;
}

/** mkdirat(2). */
export function createDirectoryAt(walk: PathWalk): number {
  return walk.name === "" ? -Errno.EXIST : walk.parent!.directory.mkdirat(walk.name);
}

/** unlinkat(2). */
export function unlinkAt(walk: PathWalk): number {
  if (walk.name === "") return walk.parent!.isRoot ? -Errno.BUSY : -Errno.ISDIR;
  if (!walk.needsDirectory) return walk.parent!.directory.unlinkat(walk.name);
  const result = requireDirectory(walk);
  return result < 0 ? result : -Errno.ISDIR;
}

/** unlinkat(2) with AT_REMOVEDIR. */
export function removeDirectoryAt(walk: PathWalk): number {
  if (walk.name === "") return walk.parent!.isRoot ? -Errno.BUSY : -Errno.INVAL;
  if (walk.parent!.isPinned(walk.name)) return -Errno.BUSY;
  return walk.parent!.directory.rmdirat(walk.name);
}

/** symlinkat(2). */
export function symlinkAt(walk: PathWalk, target: string): number {
  if (walk.name === "") return -Errno.EXIST;
  if (walk.needsDirectory) return refuseSlash(walk);
  const { directory } = walk.parent!;
  return acceptsName(directory, target) ? directory.symlinkat(target, walk.name) : -Errno.ILSEQ;
}

/** renameat(2). */
export function renameAt(from: PathWalk, to: PathWalk): number {
  if (from.name === "" || to.name === "") return -Errno.BUSY;
  const source = from.parent!;
  const target = to.parent!;
  if (source.mount.readOnly) return -Errno.ROFS;
  if (source.mount !== target.mount) return -Errno.XDEV;
  if (source.isPinned(from.name) || target.isPinned(to.name)) return -Errno.BUSY;
  if (from.needsDirectory || to.needsDirectory) {
    const result = requireDirectory(from);
    if (result < 0) return result;
  }
  return source.directory.renameat(from.name, target.directory, to.name);
}

/** linkat(2). */
export function linkAt(from: PathWalk, to: PathWalk): number {
  if (from.name === "") return -Errno.PERM;
  if (to.name === "") return -Errno.EXIST;
  const source = from.parent!;
  // A link changes the link count of its file.
  if (source.mount.readOnly) return -Errno.ROFS;
  if (to.needsDirectory) return refuseSlash(to);
  if (from.needsDirectory) {
    const result = requireDirectory(from);
    return result < 0 ? result : -Errno.PERM;
  }
  const target = to.parent!;
  return source.mount === target.mount ? source.directory.linkat(from.name, target.directory, to.name) : -Errno.XDEV;
}

/** Times for {@linkcode setTimesAt}. */
export interface TimesRequest {
  /** Access time in ns; undefined leaves it. */
  atim: bigint | undefined;
  /** Modification time in ns; undefined leaves it. */
  mtim: bigint | undefined;
  /** What happens to a symbolic link. */
  lastLink: LastLink;
}

/** utimensat(2): `-LOOP` for a symbolic link that is to be followed. */
export function setTimesAt(walk: PathWalk, { atim, mtim, lastLink }: TimesRequest): number {
  const { directory, mount } = walk.parent!;
  if (walk.name !== "" && (lastLink === "follow" || walk.needsDirectory)) {
    const result = statAt(walk, walk.stat);
    if (result < 0) return result;
  } else if (walk.name !== "" && atim === undefined && mtim === undefined) {
    // Linux does not look the name up if there is nothing to set.
    const result = directory.fstatat(walk.name, walk.stat);
    if (result < 0) return result;
  }
  if (mount.readOnly) return -Errno.ROFS;
  return walk.name === "" ? directory.futimens(atim, mtim) : directory.utimensat(walk.name, atim, mtim);
}

/** readlinkat(2): the target; `-LOOP` for a symbolic link before a trailing slash. */
export function readLinkAt(walk: PathWalk): string | Failure {
  if (walk.name === "") return -Errno.INVAL;
  if (!walk.needsDirectory) return walk.parent!.directory.readlinkat(walk.name);
  const result = statAt(walk, walk.stat);
  return result < 0 ? result : -Errno.INVAL;
}
