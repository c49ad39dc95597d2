/** Calls with paths by `node:fs`, for Node and Bun. */

import fs from "node:fs";
import path from "node:path";
import { Errno } from "../witx/errno.ts";
import { Fdflags, type Filestat, Filetype } from "../witx/types.ts";
import type { DirectoryEntry, OpenFlags, PlatformFile, PlatformStream } from "../core/platform.ts";
import { attempt, toErrno } from "./_errors.ts";
import { filetypeOf } from "./_filetypes.ts";
import { NODE_DEVICE_CALLS, NodeFile, storeStats, toSeconds } from "./_node_file.ts";
import { Device } from "./_device.ts";
import type { PathCalls } from "./_path_directory.ts";
import { preciseTimes } from "./_precise_times.ts";
import { isTerminal } from "./_terminal.ts";

const STAT_OR_NOTHING = { bigint: true, throwIfNoEntry: false } as const;
const CHECK_OR_NOTHING = { throwIfNoEntry: false } as const;
const WITH_TYPES = { withFileTypes: true } as const;

function openFlags(flags: OpenFlags): number {
  const c = fs.constants;
  let bits = flags.write ? (flags.read ? c.O_RDWR : c.O_WRONLY) : c.O_RDONLY;
  if (flags.append) bits |= c.O_APPEND;
  if (flags.create) bits |= c.O_CREAT;
  if (flags.create && flags.exclusive) bits |= c.O_EXCL;
  if (flags.truncate) bits |= c.O_TRUNC;
  if ((flags.sync & Fdflags.DSYNC) !== 0) bits |= c.O_DSYNC ?? 0;
  if ((flags.sync & (Fdflags.SYNC | Fdflags.RSYNC)) !== 0) bits |= c.O_SYNC ?? 0;
  // O_NONBLOCK: opening a FIFO must not wait for its other end.
  return bits | (c.O_NOFOLLOW ?? 0) | (c.O_NONBLOCK ?? 0);
}

/** Classify what was opened; closes it again if it is a directory. */
function opened(fd: number, bits: number): PlatformFile | PlatformStream | Errno {
  const { mode, rdev } = fs.fstatSync(fd);
  const filetype = filetypeOf(mode);
  if (filetype === Filetype.REGULAR_FILE) return new NodeFile(fd, bits);
  if (filetype !== Filetype.DIRECTORY) {
    return new Device(NODE_DEVICE_CALLS, fd, filetype, isTerminal(fd, filetype, rdev));
  }
  fs.closeSync(fd);
  return Errno.ISDIR;
}

function entryType(entry: fs.Dirent): Filetype {
  if (entry.isFile()) return Filetype.REGULAR_FILE;
  if (entry.isDirectory()) return Filetype.DIRECTORY;
  if (entry.isSymbolicLink()) return Filetype.SYMBOLIC_LINK;
  if (entry.isCharacterDevice()) return Filetype.CHARACTER_DEVICE;
  if (entry.isBlockDevice()) return Filetype.BLOCK_DEVICE;
  return entry.isSocket() ? Filetype.SOCKET_STREAM : Filetype.UNKNOWN;
}

function errorOf(error: unknown): Errno {
  const errno = toErrno(error);
  // Opening a symbolic link with O_NOFOLLOW: ELOOP on Linux and macOS, EMLINK on FreeBSD.
  return errno === Errno.MLINK ? Errno.LOOP : errno;
}

/** `node:fs` with paths. */
export const NODE_PATHS: PathCalls = {
  separator: path.sep,

  checkDirectory(path) {
    try {
      const stats = fs.lstatSync(path, CHECK_OR_NOTHING);
      if (stats === undefined) return -Errno.NOENT;
      return stats.isDirectory() ? 0 : -Errno.NOTDIR;
    } catch (error) {
      return -toErrno(error);
    }
  },

  lstat(path, out: Filestat) {
    try {
      const stats = fs.lstatSync(path, STAT_OR_NOTHING);
      return stats === undefined ? -Errno.NOENT : storeStats(stats, out);
    } catch (error) {
      return -toErrno(error);
    }
  },

  open(path, flags) {
    const bits = openFlags(flags);
    try {
      return opened(fs.openSync(path, bits, 0o666), bits);
    } catch (error) {
      return errorOf(error);
    }
  },

  lutimes(path, atim, mtim) {
    if (atim === undefined && mtim === undefined) return 0;
    if (preciseTimes()?.setOfPath(path, atim, mtim) === true) return 0;
    return attempt(() => {
      const now = atim === undefined || mtim === undefined ? fs.lstatSync(path, { bigint: true }) : undefined;
      fs.lutimesSync(path, toSeconds(atim ?? now!.atimeNs), toSeconds(mtim ?? now!.mtimeNs));
    });
  },

  readlink(path) {
    try {
      return fs.readlinkSync(path);
    } catch (error) {
      return toErrno(error);
    }
  },

  mkdir: (path) => attempt(() => fs.mkdirSync(path)),
  symlink: (target, path) => attempt(() => fs.symlinkSync(target, path)),
  link: (path, newPath) => attempt(() => fs.linkSync(path, newPath)),
  rename: (path, newPath) => attempt(() => fs.renameSync(path, newPath)),
  unlink: (path) => attempt(() => fs.unlinkSync(path)),
  rmdir: (path) => attempt(() => fs.rmdirSync(path)),

  readdir(path) {
    try {
      const entries: DirectoryEntry[] = [];
      for (const entry of fs.readdirSync(path, WITH_TYPES)) {
        entries.push({ name: entry.name, filetype: entryType(entry), ino: 0n });
      }
      return entries;
    } catch (error) {
      return toErrno(error);
    }
  },

  fsyncDirectory(path) {
    return attempt(() => {
      const fd = fs.openSync(path, fs.constants.O_RDONLY);
      try {
        fs.fsyncSync(fd);
      } finally {
        fs.closeSync(fd);
      }
    });
  },
};
