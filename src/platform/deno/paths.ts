/** Calls with paths by Deno's own API. */

import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import type { DirectoryEntry } from "../../contract/platform.ts";
import type { Failure } from "../../contract/results.ts";
import { storeInfo, toSeconds } from "./file.ts";
import { type NodeFsLoader, openBeneathFd, openPath } from "./open.ts";
import { attempt, failureFromError } from "../shared/errors.ts";
import { type DirectoryFdCalls, O_PATH, type PathCalls } from "../shared/fs/directory_calls.ts";
import type { DenoDirEntry, DenoNamespace, NodeFsOfDeno } from "./api.ts";

function entryType(entry: DenoDirEntry): Filetype {
  if (entry.isFile) return Filetype.REGULAR_FILE;
  if (entry.isDirectory) return Filetype.DIRECTORY;
  return entry.isSymlink ? Filetype.SYMBOLIC_LINK : Filetype.UNKNOWN;
}

/**
 * Deno with paths.
 *
 * @param deno The runtime.
 * @param nodeFs Loads `node:fs`, for the few calls that Deno's own API has nothing for.
 */
export function denoPaths(deno: DenoNamespace, nodeFs: NodeFsLoader): PathCalls {
  return {
    takesBytes: false,
    separator: deno.build.os === "windows" ? "\\" : "/",

    lstat(path, out: Filestat) {
      try {
        return storeInfo(deno.lstatSync(path), out);
      } catch (error) {
        return failureFromError(error);
      }
    },

    open: (path, flags) => openPath(deno, nodeFs, path, flags),

    lutimes(path, atim, mtim) {
      if (atim === undefined && mtim === undefined) return 0;
      return attempt(() => {
        const info = deno.lstatSync(path);
        const atime = toSeconds(atim, info.atime);
        const mtime = toSeconds(mtim, info.mtime);
        if (info.isSymlink) nodeFs().lutimesSync(path, atime, mtime);
        else deno.utimeSync(path, atime, mtime);
      });
    },

    readlink(path) {
      try {
        return deno.readLinkSync(path);
      } catch (error) {
        // Deno reads no target that is not UTF-8 (https://github.com/denoland/deno/issues/627).
        return (error as { name?: unknown }).name === "InvalidData" ? -Errno.ILSEQ : failureFromError(error);
      }
    },

    mkdir: (path) => attempt(() => deno.mkdirSync(path)),
    symlink: (target, path) => attempt(() => deno.symlinkSync(target, path)),
    link: (path, newPath) => attempt(() => deno.linkSync(path, newPath)),
    rename: (path, newPath) => attempt(() => deno.renameSync(path, newPath)),

    unlink: (path) => remove(deno, path, "file"),
    rmdir: (path) => remove(deno, path, "directory"),
    readdir: (path) => entriesOf(deno, path),
    fsyncDirectory: (path) => attempt(() => syncDirectory(deno, path)),
  };
}

/** `Deno.remove` removes both files and directories, so the type is read first. */
function remove(deno: DenoNamespace, path: string, kind: "file" | "directory"): number {
  try {
    const { isDirectory } = deno.lstatSync(path);
    if (isDirectory !== (kind === "directory")) return isDirectory ? -Errno.ISDIR : -Errno.NOTDIR;
    deno.removeSync(path);
    return 0;
  } catch (error) {
    return failureFromError(error);
  }
}

function entriesOf(deno: DenoNamespace, path: string): DirectoryEntry[] | Failure {
  try {
    const entries: DirectoryEntry[] = [];
    for (const entry of deno.readDirSync(path)) {
      entries.push({ name: entry.name, filetype: entryType(entry), ino: 0n });
    }
    return entries;
  } catch (error) {
    return failureFromError(error);
  }
}

function syncDirectory(deno: DenoNamespace, path: string): void {
  const directory = deno.openSync(path, { read: true });
  try {
    directory.syncSync();
  } finally {
    directory.close();
  }
}

/**
 * Deno with paths beneath /proc/self/fd: as {@linkcode denoPaths}, but files are opened, and their times set, by calls that
 * do not follow a link which takes their place.
 *
 * @param deno The runtime.
 * @param fs `node:fs`.
 */
export function denoFdPaths(deno: DenoNamespace, fs: NodeFsOfDeno): PathCalls {
  return {
    ...denoPaths(deno, () => fs),
    open: (path, flags) => openBeneathFd(deno, fs, path, flags),
    lutimes(path, atim, mtim) {
      if (atim === undefined && mtim === undefined) return 0;
      return attempt(() => {
        const info = deno.lstatSync(path);
        fs.lutimesSync(path, toSeconds(atim, info.atime), toSeconds(mtim, info.mtime));
      });
    },
  };
}

/**
 * Deno with descriptors of directories.
 *
 * @param deno The runtime.
 * @param fs `node:fs`: Deno's own API has no O_NOFOLLOW (https://github.com/denoland/deno/pull/30191) and does not expose
 * descriptor numbers.
 */
export function denoDirectoryFds(deno: DenoNamespace, fs: NodeFsOfDeno): DirectoryFdCalls {
  const { O_DIRECTORY = 0, O_NOFOLLOW = 0 } = fs.constants;
  return {
    open(path) {
      try {
        return fs.openSync(path, O_PATH | O_DIRECTORY | O_NOFOLLOW);
      } catch (error) {
        const failure = failureFromError(error);
        return failure === -Errno.LOOP ? -Errno.NOTDIR : failure;
      }
    },
    fstat(fd, out) {
      try {
        return storeInfo(deno.statSync(`/proc/self/fd/${fd}`), out);
      } catch (error) {
        return failureFromError(error);
      }
    },
    close: (fd) => attempt(() => fs.closeSync(fd)),
  };
}
