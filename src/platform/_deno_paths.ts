/** Calls with paths by Deno's own API. */

import { Errno } from "../witx/errno.ts";
import { type Filestat, Filetype } from "../witx/types.ts";
import type { DirectoryEntry, OpenFlags, PlatformFile, PlatformStream } from "../core/platform.ts";
import { DenoFile, filetypeOf, isSame, storeInfo, toSeconds } from "./_deno_file.ts";
import { Device, type DeviceCalls } from "./_device.ts";
import { attempt, toErrno } from "./_errors.ts";
import type { PathCalls } from "./_path_directory.ts";
import { storeNodeStats } from "./_stats.ts";
import type { DenoDirEntry, DenoFileInfo, DenoNamespace, NodeFsOfDeno } from "./types/deno.ts";

/** `node:fs`, loaded when it is first needed: that takes 20 ms. */
export type NodeFsLoader = () => NodeFsOfDeno;

function entryType(entry: DenoDirEntry): Filetype {
  if (entry.isFile) return Filetype.REGULAR_FILE;
  if (entry.isDirectory) return Filetype.DIRECTORY;
  return entry.isSymlink ? Filetype.SYMBOLIC_LINK : Filetype.UNKNOWN;
}

/** Flags of open(2) for what is no regular file; O_NONBLOCK, so that opening a FIFO does not wait for its other end. */
function deviceFlags(fs: NodeFsOfDeno, flags: OpenFlags): number {
  const { O_RDWR = 0, O_WRONLY = 0, O_RDONLY = 0, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;
  const access = flags.write ? (flags.read ? O_RDWR : O_WRONLY) : O_RDONLY;
  return access | O_NOFOLLOW | O_NONBLOCK;
}

/**
 * Calls for devices. Attributes are those of the descriptor: its path may lead to another file by now.
 *
 * @param fs `node:fs`.
 * @param filetype Type of the device.
 */
export function denoDeviceCalls(fs: NodeFsOfDeno, filetype: Filetype): DeviceCalls {
  return {
    readSync: fs.readSync,
    writeSync: fs.writeSync,
    closeSync: fs.closeSync,
    fstat(fd, out) {
      try {
        return storeNodeStats(fs.fstatSync(fd, { bigint: true }), filetype, out);
      } catch (error) {
        return -toErrno(error);
      }
    },
  };
}

/** Opens files without openat(2), O_NOFOLLOW and O_NONBLOCK: looks first, and compares afterwards. */
class Opener {
  readonly #deno: DenoNamespace;
  readonly #nodeFs: NodeFsLoader;

  constructor(deno: DenoNamespace, nodeFs: NodeFsLoader) {
    this.#deno = deno;
    this.#nodeFs = nodeFs;
  }

  open(path: string, flags: OpenFlags): PlatformFile | PlatformStream | Errno {
    try {
      const info = this.#lstat(path);
      if (info === undefined) return flags.create ? this.#create(path, flags) : Errno.NOENT;
      if (flags.create && flags.exclusive) return Errno.EXIST;
      return this.#openExisting(path, flags, info);
    } catch (error) {
      return toErrno(error);
    }
  }

  #lstat(path: string): DenoFileInfo | undefined {
    try {
      return this.#deno.lstatSync(path);
    } catch (error) {
      if (toErrno(error) === Errno.NOENT) return undefined;
      throw error;
    }
  }

  /** O_EXCL does not follow a link, so that what is created was not there before. */
  #create(path: string, flags: OpenFlags): PlatformFile {
    const options = { read: flags.read, write: flags.write, synced: flags.sync !== 0 };
    // Deno creates only what it may write.
    const open = { read: flags.read, write: true, append: flags.append, createNew: true };
    return new DenoFile(this.#deno, this.#deno.openSync(path, open), path, options, flags.append);
  }

  #openExisting(path: string, flags: OpenFlags, info: DenoFileInfo): PlatformFile | PlatformStream | Errno {
    if (info.isSymlink) return Errno.LOOP;
    if (info.isDirectory) return Errno.ISDIR;
    if (!info.isFile) return this.#openDevice(path, flags, info);
    const options = { read: flags.read, write: flags.write, synced: flags.sync !== 0 };
    const file = this.#deno.openSync(path, { ...options, append: flags.append && flags.write });
    if (!isSame(file.statSync(), info)) {
      file.close();
      return Errno.LOOP;
    }
    if (flags.truncate) file.truncateSync(0);
    return new DenoFile(this.#deno, file, path, options, flags.append && flags.write);
  }

  #openDevice(path: string, flags: OpenFlags, info: DenoFileInfo): PlatformStream {
    const fs = this.#nodeFs();
    const fd = fs.openSync(path, deviceFlags(fs, flags));
    const filetype = filetypeOf(info);
    return new Device(denoDeviceCalls(fs, filetype), fd, filetype, false);
  }
}

/**
 * Deno with paths.
 *
 * @param deno The runtime.
 * @param nodeFs Loads `node:fs`, for the few calls that Deno's own API has nothing for.
 */
export function denoPaths(deno: DenoNamespace, nodeFs: NodeFsLoader): PathCalls {
  const opener = new Opener(deno, nodeFs);
  return {
    separator: deno.build.os === "windows" ? "\\" : "/",

    checkDirectory(path) {
      try {
        return deno.lstatSync(path).isDirectory ? 0 : -Errno.NOTDIR;
      } catch (error) {
        return -toErrno(error);
      }
    },

    lstat(path, out: Filestat) {
      try {
        return storeInfo(deno.lstatSync(path), out);
      } catch (error) {
        return -toErrno(error);
      }
    },

    open: (path, flags) => opener.open(path, flags),

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
        return toErrno(error);
      }
    },

    mkdir: (path) => attempt(() => deno.mkdirSync(path)),
    symlink: (target, path) => attempt(() => deno.symlinkSync(target, path)),
    link: (path, newPath) => attempt(() => deno.linkSync(path, newPath)),
    rename: (path, newPath) => attempt(() => deno.renameSync(path, newPath)),

    // Deno.remove takes both files and directories, so the kind is looked at first.
    unlink(path) {
      try {
        if (deno.lstatSync(path).isDirectory) return -Errno.ISDIR;
        deno.removeSync(path);
        return 0;
      } catch (error) {
        return -toErrno(error);
      }
    },

    rmdir(path) {
      try {
        if (!deno.lstatSync(path).isDirectory) return -Errno.NOTDIR;
        deno.removeSync(path);
        return 0;
      } catch (error) {
        return -toErrno(error);
      }
    },

    readdir(path) {
      try {
        const entries: DirectoryEntry[] = [];
        for (const entry of deno.readDirSync(path)) {
          entries.push({ name: entry.name, filetype: entryType(entry), ino: 0n });
        }
        return entries;
      } catch (error) {
        return toErrno(error);
      }
    },

    fsyncDirectory(path) {
      return attempt(() => {
        const directory = deno.openSync(path, { read: true });
        try {
          directory.syncSync();
        } finally {
          directory.close();
        }
      });
    },
  };
}
