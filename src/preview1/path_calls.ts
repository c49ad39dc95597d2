/** The calls `path_*`. */

import { Errno } from "../witx/errno.ts";
import { Fdflags, FDFLAGS_ALL, type Filestat, Lookupflags, Oflags, OFLAGS_ALL, Rights } from "../witx/types.ts";
import { lenientBytesOfText } from "../text/byte_text.ts";
import type { PlatformClock } from "../contract/platform.ts";
import { errnoFromResult } from "../contract/results.ts";
import type { MountedDirectory } from "../core/fs/mounted_directory.ts";
import { newOpenRequest, openPath, type OpenRequest } from "../core/fs/open.ts";
import {
  createDirectoryAt,
  linkAt,
  lstatAt,
  readLinkAt,
  removeDirectoryAt,
  renameAt,
  setTimesAt,
  statAt,
  symlinkAt,
  type TimesRequest,
  unlinkAt,
} from "../core/fs/path_operations.ts";
import type { LastLink, PathResolver } from "../core/fs/path_resolver.ts";
import { type Descriptor, isTerminal, newDescriptor } from "./descriptor.ts";
import type { FdTable } from "./fd_table.ts";
import type { U32Result } from "./results.ts";
import { ACCESS_RIGHTS, accessOf, applicableRights } from "./rights.ts";
import type { SystemContext } from "./system_context.ts";
import { readTimes } from "./times.ts";

/** The descriptor that Go passes with a path below no preopen. */
const NO_PREOPEN = 0xffffffff;

/** `Oflags` that create or truncate a file. */
const CHANGES = Oflags.CREAT | Oflags.TRUNC;

/**
 * The calls with paths. Errors of every call, not repeated below: `BADF`, `NOTDIR` or `NOTCAPABLE` for the descriptor;
 * `NOENT`, also for an empty path; `NOTDIR`; `ACCES`; `LOOP` more than 40 links; `NAMETOOLONG` above 4,096 bytes, or 255 in a
 * component; `INVAL` a NUL; `PERM` it leads outside; `ROFS` a read-only mount.
 */
export class PathCalls {
  readonly #table: FdTable;
  readonly #clock: PlatformClock;
  readonly #resolver: PathResolver;
  readonly #onMissingPreopen: ((path: string) => void) | undefined;
  readonly #openRequest: OpenRequest = newOpenRequest();
  readonly #timesRequest: TimesRequest = { atim: undefined, mtim: undefined, lastLink: "nofollow" };

  /**
   * @param context What the parts of the system share.
   * @param onMissingPreopen Called with a path below no preopen, which Go passes with descriptor -1.
   */
  constructor(
    { table, platform, resolver }: SystemContext,
    onMissingPreopen: ((path: string) => void) | undefined,
  ) {
    this.#table = table;
    this.#clock = platform.clock;
    this.#resolver = resolver;
    this.#onMissingPreopen = onMissingPreopen;
  }

  /** Creates a directory. Errors: `EXIST`. POSIX: mkdirat. */
  createDirectory(fd: number, path: string): Errno {
    const start = this.#start(fd, Rights.PATH_CREATE_DIRECTORY, path);
    if (typeof start === "number") return start;
    return errnoFromResult(this.#resolver.resolveToModify(start, path, createDirectoryAt, undefined));
  }

  /** Stores the attributes of a path. `flags`: `Lookupflags`. POSIX: fstatat. */
  filestatGet(fd: number, flags: number, path: string, out: Filestat): Errno {
    const start = this.#start(fd, Rights.PATH_FILESTAT_GET, path);
    if (typeof start === "number") return start;
    const lastLink = lastLinkOf(flags);
    const operation = lastLink === "follow" ? statAt : lstatAt;
    return errnoFromResult(this.#resolver.resolve(start, path, lastLink, operation, out));
  }

  /** Sets the times (ns) of a path. POSIX: utimensat. */
  filestatSetTimes(
    fd: number,
    flags: number,
    path: string,
    atim: bigint,
    mtim: bigint,
    fstFlags: number,
  ): Errno {
    const start = this.#start(fd, Rights.PATH_FILESTAT_SET_TIMES, path);
    if (typeof start === "number") return start;
    const request = this.#timesRequest;
    const errno = readTimes(this.#clock, atim, mtim, fstFlags, request);
    if (errno !== Errno.SUCCESS) return errno;
    request.lastLink = lastLinkOf(flags);
    return errnoFromResult(this.#resolver.resolve(start, path, request.lastLink, setTimesAt, request));
  }

  /** Creates a hard link. Errors: `INVAL` SYMLINK_FOLLOW; `PERM` a directory; `EXIST`; `XDEV` another mount. POSIX: linkat. */
  link(oldFd: number, oldFlags: number, oldPath: string, newFd: number, newPath: string): Errno {
    const oldStart = this.#start(oldFd, Rights.PATH_LINK_SOURCE, oldPath);
    if (typeof oldStart === "number") return oldStart;
    const newStart = this.#start(newFd, Rights.PATH_LINK_TARGET, newPath);
    if (typeof newStart === "number") return newStart;
    if (oldFlags !== 0) return Errno.INVAL;
    return errnoFromResult(this.#resolver.resolveBothToModify(oldStart, oldPath, newStart, newPath, linkAt));
  }

  /**
   * Opens a path; creates a file for `CREAT`.
   *
   * @param dirflags `Lookupflags`.
   * @param oflags `Oflags` (u16).
   * @param fsRightsBase `Rights`: FD_READ and FD_WRITE select the access, which is reading without either. All other rights
   * are the inheriting rights of the directory that apply to the type.
   * @param fsRightsInheriting Not used: the inheriting rights are those of the directory.
   * @param fdflags `Fdflags` (u16).
   * @param out Receives the descriptor.
   *
   * Errors: `NOTCAPABLE` also if FD_READ or FD_WRITE is requested and is not an inheriting right of the directory; `LOOP` a
   * symbolic link without SYMLINK_FOLLOW; `ISDIR` a directory to be written; `EXIST`; `MFILE`; `INVAL` unknown bits, or CREAT
   * with DIRECTORY. POSIX: openat.
   */
  open(
    fd: number,
    dirflags: number,
    path: string,
    oflags: number,
    fsRightsBase: number,
    _fsRightsInheriting: number,
    fdflags: number,
    out: U32Result,
  ): Errno {
    const start = this.#start(fd, Rights.PATH_OPEN, path);
    if (typeof start === "number") return start;
    const parent = this.#table.get(fd)!;
    const errno = checkOpen(parent, oflags, fdflags);
    if (errno !== Errno.SUCCESS) return errno;
    if (!this.#table.hasRoom()) return Errno.MFILE;
    const { rightsInheriting } = parent;
    const access = accessOf(fsRightsBase, rightsInheriting);
    const denied = access & ~rightsInheriting;
    // The denied rights do not matter for a directory, but what is created or truncated is never one.
    if ((denied & Rights.FD_WRITE) !== 0 || (denied !== 0 && (oflags & CHANGES) !== 0)) return Errno.NOTCAPABLE;
    const request = this.#openRequest;
    fillRequest(request, access, oflags, fdflags);
    request.lastLink = lastLinkOf(dirflags);
    const object = openPath(this.#resolver, start, path, request);
    if (typeof object === "number") return errnoFromResult(object);
    if (denied !== 0 && object.kind !== "directory") {
      object.close();
      return Errno.NOTCAPABLE;
    }
    const applicable = applicableRights(object.filetype, isTerminal(object));
    out.value = this.#table.insert(newDescriptor(
      object,
      fdflags,
      applicable & (access | (rightsInheriting & ~ACCESS_RIGHTS)),
      rightsInheriting,
    ));
    return Errno.SUCCESS;
  }

  /** Stores the target of a symbolic link, cut to `length` bytes, from `start` on. Errors: `INVAL` not a link. POSIX: readlinkat. */
  readlink(
    fd: number,
    path: string,
    bytes: Uint8Array,
    start: number,
    length: number,
    out: U32Result,
  ): Errno {
    const from = this.#start(fd, Rights.PATH_READLINK, path);
    if (typeof from === "number") return from;
    out.value = 0;
    const target = this.#resolver.resolve(from, path, "nofollow", readLinkAt, undefined);
    if (typeof target === "number") return errnoFromResult(target);
    const encoded = lenientBytesOfText(target);
    out.value = Math.min(encoded.length, length);
    bytes.set(encoded.subarray(0, out.value), start);
    return Errno.SUCCESS;
  }

  /** Removes an empty directory. Errors: `NOTEMPTY`; `BUSY` a mount. POSIX: unlinkat(AT_REMOVEDIR). */
  removeDirectory(fd: number, path: string): Errno {
    const start = this.#start(fd, Rights.PATH_REMOVE_DIRECTORY, path);
    if (typeof start === "number") return start;
    return errnoFromResult(this.#resolver.resolveToModify(start, path, removeDirectoryAt, undefined));
  }

  /** Renames. Errors: `XDEV` another mount; `NOTEMPTY`; `ISDIR`; `INVAL` a target inside the source; `BUSY` a mount. POSIX: renameat. */
  rename(fd: number, oldPath: string, newFd: number, newPath: string): Errno {
    const oldStart = this.#start(fd, Rights.PATH_RENAME_SOURCE, oldPath);
    if (typeof oldStart === "number") return oldStart;
    const newStart = this.#start(newFd, Rights.PATH_RENAME_TARGET, newPath);
    if (typeof newStart === "number") return newStart;
    return errnoFromResult(this.#resolver.resolveBothToModify(oldStart, oldPath, newStart, newPath, renameAt));
  }

  /** Creates a symbolic link to `oldPath`. Errors: `PERM` an absolute target; `EXIST`. POSIX: symlinkat. */
  symlink(oldPath: string, fd: number, newPath: string): Errno {
    const start = this.#start(fd, Rights.PATH_SYMLINK, newPath);
    if (typeof start === "number") return start;
    if (oldPath.includes("\0")) return Errno.INVAL;
    if (oldPath === "") return Errno.NOENT;
    if (oldPath.startsWith("/")) return Errno.PERM;
    return errnoFromResult(this.#resolver.resolveToModify(start, newPath, symlinkAt, oldPath));
  }

  /** Removes a name other than a directory. Errors: `ISDIR`; `BUSY` a mount. POSIX: unlinkat. */
  unlinkFile(fd: number, path: string): Errno {
    const start = this.#start(fd, Rights.PATH_UNLINK_FILE, path);
    if (typeof start === "number") return start;
    return errnoFromResult(this.#resolver.resolveToModify(start, path, unlinkAt, undefined));
  }

  /** The directory that a path starts in. */
  #start(fd: number, right: number, path: string): MountedDirectory | Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) {
      if (fd === NO_PREOPEN) this.#onMissingPreopen?.("/" + path);
      return Errno.BADF;
    }
    const { object } = descriptor;
    if (object.kind !== "directory") return Errno.NOTDIR;
    return (descriptor.rightsBase & right) === 0 ? Errno.NOTCAPABLE : object.mounted;
  }
}

function checkOpen(parent: Descriptor, oflags: number, fdflags: number): Errno {
  if ((oflags & ~OFLAGS_ALL) !== 0 || (fdflags & ~FDFLAGS_ALL) !== 0) return Errno.INVAL;
  const createsDirectory = Oflags.CREAT | Oflags.DIRECTORY;
  if ((oflags & createsDirectory) === createsDirectory) return Errno.INVAL;
  let right = 0;
  if ((oflags & Oflags.CREAT) !== 0) right |= Rights.PATH_CREATE_FILE;
  if ((oflags & Oflags.TRUNC) !== 0) right |= Rights.PATH_FILESTAT_SET_SIZE;
  return (parent.rightsBase & right) === right ? Errno.SUCCESS : Errno.NOTCAPABLE;
}

function lastLinkOf(lookupflags: number): LastLink {
  return (lookupflags & Lookupflags.SYMLINK_FOLLOW) !== 0 ? "follow" : "nofollow";
}

/**
 * Translates the flags of path_open.
 *
 * A file is opened for writing only for FD_WRITE and TRUNC (RATIONALE "Why does path_open take only READ and WRITE from
 * the requested rights?").
 */
function fillRequest(request: OpenRequest, access: number, oflags: number, fdflags: number): void {
  request.directory = (oflags & Oflags.DIRECTORY) !== 0;
  request.write = (access & Rights.FD_WRITE) !== 0 || (oflags & Oflags.TRUNC) !== 0;
  request.read = (access & Rights.FD_READ) !== 0 || !request.write;
  request.append = (fdflags & Fdflags.APPEND) !== 0;
  request.create = (oflags & Oflags.CREAT) !== 0;
  request.exclusive = (oflags & Oflags.EXCL) !== 0;
  request.truncate = (oflags & Oflags.TRUNC) !== 0;
  request.syncData = (fdflags & Fdflags.DSYNC) !== 0;
  request.syncAll = (fdflags & (Fdflags.SYNC | Fdflags.RSYNC)) !== 0;
}
