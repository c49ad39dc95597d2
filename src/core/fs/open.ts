/** Opening a path: a file, a directory or a stream. */

import { Errno } from "../../witx/errno.ts";
import { Filetype } from "../../witx/types.ts";
import type { OpenFlags, PlatformDirectory, PlatformFile, PlatformStream } from "../../contract/platform.ts";
import type { Failure } from "../../contract/results.ts";
import { OpenStream } from "../io/stream.ts";
import { OpenDirectory } from "./directory.ts";
import { OpenFile } from "./file.ts";
import { MountedDirectory } from "./mounted_directory.ts";
import { acceptsName, isPlainPath, isSingleName } from "./path_names.ts";
import type { LastLink, PathResolver } from "./path_resolver.ts";
import type { PathWalk } from "./path_walk.ts";

/** What to open, and how. A caller may reuse one. */
export interface OpenRequest extends OpenFlags {
  /** True to open a directory only. */
  directory: boolean;
  /** What happens to a symbolic link at the end of the path. */
  lastLink: LastLink;
}

/** What a path can be opened as. */
export type OpenedPath = OpenFile | OpenDirectory | OpenStream;

/** A request to open a file for reading. */
export function newOpenRequest(): OpenRequest {
  return {
    directory: false,
    lastLink: "follow",
    read: true,
    write: false,
    append: false,
    create: false,
    exclusive: false,
    truncate: false,
    syncData: false,
    syncAll: false,
  };
}

/**
 * Opens a path.
 *
 * @param resolver Resolves it.
 * @param start Directory that it starts in.
 * @param path Path of the guest.
 * @param request What to open, and how.
 * @returns The object, or minus an errno: LOOP for a symbolic link that is not to be followed, ISDIR for a directory to be
 * written, EXIST, ROFS, and those of {@linkcode PathWalk.start}.
 */
export function openPath(
  resolver: PathResolver,
  start: MountedDirectory,
  path: string,
  request: OpenRequest,
): OpenedPath | Failure {
  const opened = openInOneCall(start, path, request);
  return opened === -Errno.AGAIN ? resolver.resolve(start, path, request.lastLink, openAt, request) : opened;
}

/** Lets the host resolve the whole path. @returns `-AGAIN` where it can't, or where the reason of its failure is not known. */
function openInOneCall(
  { directory, mount }: MountedDirectory,
  path: string,
  request: OpenRequest,
): OpenedPath | Failure {
  if (mount.nested.size > 0 || request.directory || !acceptsName(directory, path)) return -Errno.AGAIN;
  if (mount.readOnly && (request.write || request.create)) return -Errno.AGAIN;
  const opened = openWhole(directory, path, request);
  if (typeof opened !== "number") return wrap(opened, mount.readOnly, request);
  return opened === -Errno.NOENT ? opened : -Errno.AGAIN;
}

function openWhole(
  directory: PlatformDirectory,
  path: string,
  request: OpenRequest,
): PlatformFile | PlatformStream | Failure {
  if (isSingleName(path)) return directory.openFile(path, request);
  if (directory.openFileBeneath === undefined || !isPlainPath(path)) return -Errno.AGAIN;
  return directory.openFileBeneath(path, request);
}

function openAt(walk: PathWalk, request: OpenRequest): OpenedPath | Failure {
  const parent = walk.parent!;
  if (walk.name === "") return openParent(parent, request);
  if (walk.needsDirectory && request.create) return -Errno.ISDIR;
  if (walk.needsDirectory || request.directory) return openDirectoryAt(walk, request);
  return parent.mount.readOnly ? openReadOnlyAt(walk, request) : openFileAt(walk, request);
}

function openParent(parent: MountedDirectory, request: OpenRequest): OpenDirectory | Failure {
  if (request.create && request.exclusive) return -Errno.EXIST;
  if (request.write || request.create) return -Errno.ISDIR;
  return new OpenDirectory(parent.retain());
}

function openDirectoryAt(walk: PathWalk, request: OpenRequest): OpenDirectory | Failure {
  if (request.write) return refuseWriting(walk);
  const parent = walk.parent!;
  const directory = parent.directory.openDirectory(walk.name);
  if (typeof directory === "number") return directory === -Errno.NOTDIR && isLink(walk) ? -Errno.LOOP : directory;
  return new OpenDirectory(new MountedDirectory(directory, parent.mount, parent.childPath(walk.name)));
}

function refuseWriting(walk: PathWalk): Failure {
  const result = walk.parent!.directory.fstatat(walk.name, walk.stat);
  if (result < 0) return result;
  if (walk.stat.filetype === Filetype.SYMBOLIC_LINK) return -Errno.LOOP;
  return walk.stat.filetype === Filetype.DIRECTORY ? -Errno.ISDIR : -Errno.NOTDIR;
}

function isLink(walk: PathWalk): boolean {
  const result = walk.parent!.directory.fstatat(walk.name, walk.stat);
  return result >= 0 && walk.stat.filetype === Filetype.SYMBOLIC_LINK;
}

function openFileAt(walk: PathWalk, request: OpenRequest): OpenedPath | Failure {
  const { directory, mount } = walk.parent!;
  const opened = directory.openFile(walk.name, request);
  if (typeof opened !== "number") return wrap(opened, mount.readOnly, request);
  const asDirectory = opened === -Errno.ISDIR && !request.write && !request.create;
  return asDirectory ? openDirectoryAt(walk, request) : opened;
}

function wrap(opened: PlatformFile | PlatformStream, readOnly: boolean, request: OpenRequest): OpenedPath {
  if (opened.kind === "stream") return new OpenStream(opened);
  return new OpenFile(opened, { readOnly, writable: request.write, append: request.append });
}

/** As on a file system that is mounted read-only: nothing can be created, and no file written. */
function openReadOnlyAt(walk: PathWalk, request: OpenRequest): OpenedPath | Failure {
  const { create, exclusive, write } = request;
  if (!write && !(create && exclusive)) {
    const opened = openFileAt(walk, create ? { ...request, create: false } : request);
    return create && opened === -Errno.NOENT ? -Errno.ROFS : opened;
  }
  const result = walk.parent!.directory.fstatat(walk.name, walk.stat);
  if (result < 0) return create && result === -Errno.NOENT ? -Errno.ROFS : result;
  if (create && exclusive) return -Errno.EXIST;
  if (walk.stat.filetype === Filetype.SYMBOLIC_LINK) return -Errno.LOOP;
  return walk.stat.filetype === Filetype.DIRECTORY ? -Errno.ISDIR : -Errno.ROFS;
}
