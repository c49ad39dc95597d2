/** The part of a system that works on paths: look up the directory, check its rights, walk and operate. */

import { Errno } from "../witx/errno.ts";
import { FDFLAGS_ALL, type Filestat, Lookupflags, Oflags, OFLAGS_ALL, Rights } from "../witx/types.ts";
import type { Descriptor } from "./descriptor.ts";
import { Directory } from "./directory.ts";
import type { FdTable } from "./fd_table.ts";
import { emptyOpenRequest, openPath, type OpenRequest, prepareOpen } from "./open.ts";
import {
  atPath,
  changeAtPath,
  changeAtPaths,
  type LinkBuffer,
  linkName,
  makeDirectory,
  makeLink,
  readLinkAt,
  removeDirectory,
  renameName,
  setTimesAt,
  statLink,
  statName,
  type TimesRequest,
  unlinkName,
} from "./path_calls.ts";
import type { Place } from "./place.ts";
import type { Platform } from "./platform.ts";
import { applicableRights } from "./rights.ts";
import type { SizeResult } from "./system.ts";
import { readTimes, requested } from "./times.ts";

/** The descriptor that Go passes for a path beneath no preopen. */
const NO_PREOPEN = 0xffffffff;

/** The calls of `System` with paths. */
export abstract class PathSystem {
  readonly platform: Platform;
  readonly table: FdTable;
  readonly #onMissingPreopen: ((path: string) => void) | undefined;
  readonly #openRequest: OpenRequest = emptyOpenRequest();
  readonly #timesRequest: TimesRequest = { atim: undefined, mtim: undefined, follow: false };
  readonly #linkBuffer: LinkBuffer = { bytes: new Uint8Array(0), start: 0, length: 0, size: 0 };

  /**
   * @param platform The host.
   * @param table Descriptors.
   * @param onMissingPreopen Told of a path beneath no preopen, where the guest's libc hands it on with descriptor -1.
   */
  constructor(platform: Platform, table: FdTable, onMissingPreopen: ((path: string) => void) | undefined) {
    this.platform = platform;
    this.table = table;
    this.#onMissingPreopen = onMissingPreopen;
  }

  pathCreateDirectory(fd: number, path: string): Errno {
    const place = this.#place(fd, Rights.PATH_CREATE_DIRECTORY, path);
    if (typeof place === "number") return place;
    return changeAtPath(place, path, makeDirectory, undefined);
  }

  pathFilestatGet(fd: number, flags: number, path: string, out: Filestat): Errno {
    const place = this.#place(fd, Rights.PATH_FILESTAT_GET, path);
    if (typeof place === "number") return place;
    const follow = (flags & Lookupflags.SYMLINK_FOLLOW) !== 0;
    return atPath(place, path, flags, follow ? statName : statLink, out);
  }

  pathFilestatSetTimes(
    fd: number,
    flags: number,
    path: string,
    atim: bigint,
    mtim: bigint,
    fstFlags: number,
  ): Errno {
    const place = this.#place(fd, Rights.PATH_FILESTAT_SET_TIMES, path);
    if (typeof place === "number") return place;
    const errno = readTimes(this.platform.clock, atim, mtim, fstFlags);
    if (errno !== Errno.SUCCESS) return errno;
    const request = this.#timesRequest;
    request.atim = requested.atim;
    request.mtim = requested.mtim;
    request.follow = (flags & Lookupflags.SYMLINK_FOLLOW) !== 0;
    return atPath(place, path, flags, setTimesAt, request);
  }

  pathLink(oldFd: number, oldFlags: number, oldPath: string, newFd: number, newPath: string): Errno {
    const oldPlace = this.#place(oldFd, Rights.PATH_LINK_SOURCE, oldPath);
    if (typeof oldPlace === "number") return oldPlace;
    const newPlace = this.#place(newFd, Rights.PATH_LINK_TARGET, newPath);
    if (typeof newPlace === "number") return newPlace;
    if (oldFlags !== 0) return Errno.INVAL;
    return changeAtPaths(oldPlace, oldPath, newPlace, newPath, linkName);
  }

  pathOpen(
    fd: number,
    dirflags: number,
    path: string,
    oflags: number,
    fsRightsBase: number,
    fsRightsInheriting: number,
    fdflags: number,
    out: SizeResult,
  ): Errno {
    const place = this.#place(fd, Rights.PATH_OPEN, path);
    if (typeof place === "number") return place;
    const parent = this.table.get(fd)!;
    const errno = checkOpen(parent, oflags, fdflags);
    if (errno !== Errno.SUCCESS) return errno;
    if (!this.table.hasRoom()) return Errno.MFILE;
    const base = fsRightsBase & parent.rightsInheriting;
    const request = this.#openRequest;
    prepareOpen(request, oflags, base, fdflags);
    const opened = openPath(place, path, dirflags, request);
    if (opened !== Errno.SUCCESS) return opened;
    const object = request.object!;
    request.object = undefined;
    const applicable = applicableRights(object.filetype, object.isTerminal);
    out.size = this.table.insert({
      object,
      flags: fdflags,
      // A directory has all that its parent may hand on (RATIONALE "Why do directories ignore the rights asked for?").
      rightsBase: applicable & (object instanceof Directory ? parent.rightsInheriting : base),
      rightsInheriting: fsRightsInheriting & parent.rightsInheriting,
      preopenName: undefined,
      unfailing: false,
    });
    return Errno.SUCCESS;
  }

  pathReadlink(
    fd: number,
    path: string,
    bytes: Uint8Array,
    start: number,
    length: number,
    out: SizeResult,
  ): Errno {
    const place = this.#place(fd, Rights.PATH_READLINK, path);
    if (typeof place === "number") return place;
    const buffer = this.#linkBuffer;
    buffer.bytes = bytes;
    buffer.start = start;
    buffer.length = length;
    buffer.size = 0;
    const errno = atPath(place, path, 0, readLinkAt, buffer);
    out.size = buffer.size;
    return errno;
  }

  pathRemoveDirectory(fd: number, path: string): Errno {
    const place = this.#place(fd, Rights.PATH_REMOVE_DIRECTORY, path);
    if (typeof place === "number") return place;
    return changeAtPath(place, path, removeDirectory, undefined);
  }

  pathRename(fd: number, oldPath: string, newFd: number, newPath: string): Errno {
    const oldPlace = this.#place(fd, Rights.PATH_RENAME_SOURCE, oldPath);
    if (typeof oldPlace === "number") return oldPlace;
    const newPlace = this.#place(newFd, Rights.PATH_RENAME_TARGET, newPath);
    if (typeof newPlace === "number") return newPlace;
    return changeAtPaths(oldPlace, oldPath, newPlace, newPath, renameName);
  }

  pathSymlink(oldPath: string, fd: number, newPath: string): Errno {
    const place = this.#place(fd, Rights.PATH_SYMLINK, newPath);
    if (typeof place === "number") return place;
    if (oldPath.includes("\0")) return Errno.INVAL;
    if (oldPath === "") return Errno.NOENT;
    if (oldPath.startsWith("/")) return Errno.PERM;
    return changeAtPath(place, newPath, makeLink, oldPath);
  }

  pathUnlinkFile(fd: number, path: string): Errno {
    const place = this.#place(fd, Rights.PATH_UNLINK_FILE, path);
    if (typeof place === "number") return place;
    return changeAtPath(place, path, unlinkName, undefined);
  }

  #place(fd: number, right: number, path: string): Place | Errno {
    const descriptor = this.table.get(fd);
    if (descriptor === undefined) {
      if (fd === NO_PREOPEN) this.#onMissingPreopen?.("/" + path);
      return Errno.BADF;
    }
    const { object } = descriptor;
    if (!(object instanceof Directory)) return Errno.NOTDIR;
    return (descriptor.rightsBase & right) === 0 ? Errno.NOTCAPABLE : object.place;
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
