/** Calls with paths by `node:fs`, for Node and Bun. */

import fs from "node:fs";
import path from "node:path";
import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import type { DirectoryEntry, OpenFlags, PlatformFile, PlatformStream } from "../../contract/platform.ts";
import { textOfBytes } from "../../text/byte_text.ts";
import { pathForNode } from "../shared/fs/byte_paths.ts";
import { attempt, failureFromError } from "../shared/errors.ts";
import { filetypeOf } from "../shared/fs/filetypes.ts";
import { fstatInto, NODE_DEVICE_CALLS, NodeFile, storeStats, toSeconds } from "./file.ts";
import { Device } from "../shared/fs/device.ts";
import { type DirectoryFdCalls, O_PATH, type PathCalls } from "../shared/fs/directory_calls.ts";
import { preciseTimes } from "../shared/fs/precise_times.ts";
import { isTerminal } from "./terminal.ts";
import type { Failure } from "../../contract/results.ts";

const STAT_OR_NOTHING = { bigint: true, throwIfNoEntry: false } as const;
const WITH_TYPES = { withFileTypes: true } as const;

function openFlags(flags: OpenFlags): number {
  const c = fs.constants;
  let bits = flags.write ? (flags.read ? c.O_RDWR : c.O_WRONLY) : c.O_RDONLY;
  if (flags.append) bits |= c.O_APPEND;
  if (flags.create) bits |= c.O_CREAT;
  if (flags.create && flags.exclusive) bits |= c.O_EXCL;
  if (flags.truncate) bits |= c.O_TRUNC;
  if (flags.syncData) bits |= c.O_DSYNC ?? 0;
  if (flags.syncAll) bits |= c.O_SYNC ?? 0;
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  return bits | (c.O_NOFOLLOW ?? 0) | (c.O_NONBLOCK ?? 0);
}

/** Classify what was opened; closes it again if it is a directory. */
function opened(fd: number, bits: number): PlatformFile | PlatformStream | Failure {
  const { mode, rdev } = fs.fstatSync(fd);
  const filetype = filetypeOf(mode);
  if (filetype === Filetype.REGULAR_FILE) return new NodeFile(fd, bits);
  if (filetype !== Filetype.DIRECTORY) {
    return new Device(NODE_DEVICE_CALLS, { fd, filetype, isTerminal: isTerminal(fd, filetype, rdev) });
  }
  fs.closeSync(fd);
  return -Errno.ISDIR;
}

function entryType(entry: fs.Dirent | fs.Stats): Filetype {
  if (entry.isFile()) return Filetype.REGULAR_FILE;
  if (entry.isDirectory()) return Filetype.DIRECTORY;
  if (entry.isSymbolicLink()) return Filetype.SYMBOLIC_LINK;
  if (entry.isCharacterDevice()) return Filetype.CHARACTER_DEVICE;
  if (entry.isBlockDevice()) return Filetype.BLOCK_DEVICE;
  return entry.isSocket() ? Filetype.SOCKET_STREAM : Filetype.UNKNOWN;
}

/** True for a name in which U+FFFD may stand for bytes that are not UTF-8. */
function mayBeReplaced(name: string): boolean {
  return name.includes("\ufffd");
}

/** Entries whose names may be replaced, with their bytes. Bun has no types for these (https://github.com/oven-sh/bun/issues/27914). */
function replacedEntries(directory: string): DirectoryEntry[] {
  const entries: DirectoryEntry[] = [];
  for (const bytes of fs.readdirSync(pathForNode(directory), "buffer")) {
    const name = textOfBytes(bytes);
    if (name.isWellFormed() && !mayBeReplaced(name)) continue;
    // Not by join(), which replaces such bytes on Bun.
    const stats = fs.lstatSync(pathForNode(`${directory}/${name}`), { throwIfNoEntry: false });
    if (stats !== undefined) entries.push({ name, filetype: entryType(stats), ino: 0n });
  }
  return entries;
}

function openFailure(error: unknown): Failure {
  const failure = failureFromError(error);
  // Opening a symbolic link with O_NOFOLLOW: ELOOP on Linux and macOS, EMLINK on FreeBSD.
  return failure === -Errno.MLINK ? -Errno.LOOP : failure;
}

/** `node:fs` with paths. */
export const NODE_PATHS: PathCalls = {
  takesBytes: process.platform !== "win32",
  separator: path.sep,

  lstat(path, out: Filestat) {
    try {
      const stats = fs.lstatSync(pathForNode(path), STAT_OR_NOTHING);
      return stats === undefined ? -Errno.NOENT : storeStats(stats, out);
    } catch (error) {
      return failureFromError(error);
    }
  },

  open(path, flags) {
    const bits = openFlags(flags);
    try {
      return opened(fs.openSync(pathForNode(path), bits, 0o666), bits);
    } catch (error) {
      return openFailure(error);
    }
  },

  lutimes(path, atim, mtim) {
    if (atim === undefined && mtim === undefined) return 0;
    if (preciseTimes()?.setOfPath(path, atim, mtim) === true) return 0;
    return attempt(() => {
      const bytes = pathForNode(path);
      const now = atim === undefined || mtim === undefined ? fs.lstatSync(bytes, { bigint: true }) : undefined;
      fs.lutimesSync(bytes, toSeconds(atim ?? now!.atimeNs), toSeconds(mtim ?? now!.mtimeNs));
    });
  },

  readlink(path) {
    try {
      const target = fs.readlinkSync(pathForNode(path));
      return mayBeReplaced(target) ? textOfBytes(fs.readlinkSync(pathForNode(path), "buffer")) : target;
    } catch (error) {
      return failureFromError(error);
    }
  },

  mkdir: (path) => attempt(() => fs.mkdirSync(pathForNode(path))),
  symlink: (target, path) => attempt(() => fs.symlinkSync(pathForNode(target), pathForNode(path))),
  link: (path, newPath) => attempt(() => fs.linkSync(pathForNode(path), pathForNode(newPath))),
  rename: (path, newPath) => attempt(() => fs.renameSync(pathForNode(path), pathForNode(newPath))),
  unlink: (path) => attempt(() => fs.unlinkSync(pathForNode(path))),
  rmdir: (path) => attempt(() => fs.rmdirSync(pathForNode(path))),

  readdir(path) {
    try {
      const entries: DirectoryEntry[] = [];
      let isExact = true;
      for (const entry of fs.readdirSync(pathForNode(path), WITH_TYPES)) {
        if (mayBeReplaced(entry.name)) isExact = false;
        else entries.push({ name: entry.name, filetype: entryType(entry), ino: 0n });
      }
      return isExact ? entries : [...entries, ...replacedEntries(path)];
    } catch (error) {
      return failureFromError(error);
    }
  },

  fsyncDirectory(path) {
    return attempt(() => {
      const fd = fs.openSync(pathForNode(path), fs.constants.O_RDONLY);
      try {
        fs.fsyncSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    });
  },
};

/** `node:fs` with descriptors of directories. */
export const NODE_DIRECTORY_FDS: DirectoryFdCalls = {
  open(path) {
    try {
      return fs.openSync(pathForNode(path), O_PATH | fs.constants.O_DIRECTORY | fs.constants.O_NOFOLLOW);
    } catch (error) {
      const failure = openFailure(error);
      return failure === -Errno.LOOP ? -Errno.NOTDIR : failure;
    }
  },
  fstat: fstatInto,
  close: (fd) => attempt(() => fs.closeSync(fd)),
};
