/** path_open: from flags and rights of the guest to an open object. */

import { Errno } from "../witx/errno.ts";
import { emptyFilestat, Fdflags, type Filestat, Filetype, Oflags, Rights } from "../witx/types.ts";
import type { OpenObject } from "./descriptor.ts";
import { Directory } from "./directory.ts";
import { RegularFile } from "./file.ts";
import { atPath } from "./path_calls.ts";
import { Place } from "./place.ts";
import type { OpenFlags, PlatformFile, PlatformStream } from "./platform.ts";
import { isName, isWhole, type Walk } from "./sandbox.ts";
import { toErrno } from "./scatter.ts";
import { Stream } from "./stream.ts";

/** What to open, and what came of it. Used again by every call. */
export interface OpenRequest {
  /** `Oflags`. */
  oflags: number;
  /** How a file is opened at the host. */
  readonly flags: OpenFlags;
  /** What was opened. */
  object: OpenObject | undefined;
}

const SYNC_FLAGS = Fdflags.DSYNC | Fdflags.RSYNC | Fdflags.SYNC;

const stat: Filestat = emptyFilestat();

/** @returns A request for {@linkcode prepareOpen}. */
export function emptyOpenRequest(): OpenRequest {
  const flags = { read: true, write: false, append: false, create: false, exclusive: false, truncate: false, sync: 0 };
  return { oflags: 0, flags, object: undefined };
}

/**
 * Fill a request.
 *
 * A file is opened for writing only for FD_WRITE and TRUNC: guests ask for the other rights of writers on files that
 * they only read.
 *
 * @param request To be filled.
 * @param oflags `Oflags`.
 * @param rights Rights that the descriptor will have at most.
 * @param fdflags `Fdflags`.
 */
export function prepareOpen(request: OpenRequest, oflags: number, rights: number, fdflags: number): void {
  const { flags } = request;
  request.oflags = oflags;
  request.object = undefined;
  flags.write = (rights & Rights.FD_WRITE) !== 0 || (oflags & Oflags.TRUNC) !== 0;
  flags.read = (rights & Rights.FD_READ) !== 0 || !flags.write;
  flags.append = (fdflags & Fdflags.APPEND) !== 0;
  flags.create = (oflags & Oflags.CREAT) !== 0;
  flags.exclusive = (oflags & Oflags.EXCL) !== 0;
  flags.truncate = (oflags & Oflags.TRUNC) !== 0;
  flags.sync = fdflags & SYNC_FLAGS;
}

/**
 * Open a path.
 *
 * @param place Directory of the descriptor.
 * @param path Path of the guest.
 * @param follow `Lookupflags`.
 * @param request What to open, and what came of it.
 */
export function openPath(place: Place, path: string, follow: number, request: OpenRequest): Errno {
  const errno = openWhole(place, path, request);
  return errno === Errno.AGAIN ? atPath(place, path, follow, openName, request) : errno;
}

/** Let the host walk the whole path, or none, for a mere name. `AGAIN` where it can't, or why it did not has to be found out. */
function openWhole({ directory, mount }: Place, path: string, request: OpenRequest): Errno {
  const { flags, oflags } = request;
  if (mount.nested.size > 0 || (oflags & Oflags.DIRECTORY) !== 0) return Errno.AGAIN;
  if (mount.readOnly && (flags.write || flags.create)) return Errno.AGAIN;
  const opened = isName(path)
    ? directory.openFile(path, flags)
    : isWhole(path)
    ? directory.openFileBeneath?.(path, flags) ?? Errno.AGAIN
    : Errno.AGAIN;
  if (typeof opened !== "number") return accept(opened, mount.readOnly, request);
  return opened === Errno.NOENT ? opened : Errno.AGAIN;
}

/** openat; `LOOP` for a symbolic link. */
export function openName(at: Walk, request: OpenRequest): Errno {
  const { flags, oflags } = request;
  if (at.name === "") return openPlace(at.place!, request);
  if (at.needsDirectory && flags.create) return Errno.ISDIR;
  if (at.needsDirectory || (oflags & Oflags.DIRECTORY) !== 0) return openDirectory(at, request);
  if (at.place!.mount.readOnly) return openReadOnly(at, request);
  return openFile(at, request);
}

function openPlace(place: Place, request: OpenRequest): Errno {
  if (request.flags.create && request.flags.exclusive) return Errno.EXIST;
  if (request.flags.write || request.flags.create) return Errno.ISDIR;
  request.object = new Directory(place.retain());
  return Errno.SUCCESS;
}

function openDirectory(at: Walk, request: OpenRequest): Errno {
  const place = at.place!;
  if (request.flags.write) return refuseWriting(at);
  const directory = place.directory.openDirectory(at.name);
  if (typeof directory === "number") return directory === Errno.NOTDIR && isLink(at) ? Errno.LOOP : directory;
  request.object = new Directory(new Place(directory, place.mount, place.childPath(at.name), true));
  return Errno.SUCCESS;
}

function refuseWriting(at: Walk): Errno {
  const result = at.place!.directory.fstatat(at.name, stat);
  if (result < 0) return toErrno(result);
  if (stat.filetype === Filetype.SYMBOLIC_LINK) return Errno.LOOP;
  return stat.filetype === Filetype.DIRECTORY ? Errno.ISDIR : Errno.NOTDIR;
}

function isLink(at: Walk): boolean {
  return at.place!.directory.fstatat(at.name, stat) >= 0 && stat.filetype === Filetype.SYMBOLIC_LINK;
}

function openFile(at: Walk, request: OpenRequest): Errno {
  const { flags } = request;
  const opened = at.place!.directory.openFile(at.name, flags);
  if (typeof opened !== "number") return accept(opened, at.place!.mount.readOnly, request);
  const asDirectory = opened === Errno.ISDIR && !flags.write && !flags.create;
  return asDirectory ? openDirectory(at, request) : opened;
}

function accept(opened: PlatformFile | PlatformStream, readOnly: boolean, request: OpenRequest): Errno {
  request.object = opened.kind === "file" ? new RegularFile(opened, readOnly) : new Stream(opened);
  return Errno.SUCCESS;
}

/** As on a file system that is mounted read-only: what is not there can't be made, what is there can't be written. */
function openReadOnly(at: Walk, request: OpenRequest): Errno {
  const { flags } = request;
  const { create, exclusive } = flags;
  if (flags.write) {
    const result = at.place!.directory.fstatat(at.name, stat);
    if (result < 0) return create && -result === Errno.NOENT ? Errno.ROFS : (-result as Errno);
    if (create && exclusive) return Errno.EXIST;
    if (stat.filetype === Filetype.SYMBOLIC_LINK) return Errno.LOOP;
    return stat.filetype === Filetype.DIRECTORY ? Errno.ISDIR : Errno.ROFS;
  }
  if (create && exclusive) return at.place!.directory.fstatat(at.name, stat) >= 0 ? Errno.EXIST : Errno.ROFS;
  flags.create = false;
  const errno = openFile(at, request);
  return create && errno === Errno.NOENT ? Errno.ROFS : errno;
}
