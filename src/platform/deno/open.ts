/** Opens files on Deno, whose own API has neither O_NOFOLLOW nor O_NONBLOCK (https://github.com/denoland/deno/pull/30191). */

import { Errno } from "../../witx/errno.ts";
import type { Filetype } from "../../witx/types.ts";
import type { OpenFlags, PlatformFile, PlatformStream } from "../../contract/platform.ts";
import { DenoFile, filetypeOf, isSame } from "./file.ts";
import { Device, type DeviceCalls } from "../shared/fs/device.ts";
import { failureFromError } from "../shared/errors.ts";
import { O_PATH } from "../shared/fs/directory_calls.ts";
import { storeNodeStats } from "../shared/fs/stats.ts";
import type { DenoFileInfo, DenoFsFile, DenoNamespace, DenoOpenOptions, NodeFsOfDeno } from "./api.ts";
import type { Failure } from "../../contract/results.ts";

/** `node:fs`, loaded when it is first needed: that takes 20 ms. */
export type NodeFsLoader = () => NodeFsOfDeno;

/** What was opened, or minus an errno. */
type Opened = PlatformFile | PlatformStream | Failure;

/** Opens once more, without O_APPEND, a file that was made. */
type PlainOpener = (made: DenoFsFile, options: DenoOpenOptions) => DenoFsFile | undefined;

/**
 * Opens a path beneath a directory that a descriptor holds. The file itself is held before its attributes are read, so
 * that the file which is opened is the one that was examined.
 *
 * @param deno The runtime.
 * @param fs `node:fs`.
 * @param path The path.
 * @param flags How to open it.
 */
export function openBeneathFd(deno: DenoNamespace, fs: NodeFsOfDeno, path: string, flags: OpenFlags): Opened {
  try {
    return withHeld(fs, path, (held) => {
      const found = { path: held, info: deno.statSync(held), isHeld: true };
      return openExisting(deno, () => fs, found, flags);
    });
  } catch (error) {
    const failure = failureFromError(error);
    if (failure !== -Errno.NOENT || !flags.create) return failure;
  }
  return create(
    deno,
    path,
    flags,
    (made, options) =>
      withHeld(
        fs,
        path,
        (held) => isSame(deno.statSync(held), made.statSync()) ? deno.openSync(held, options) : undefined,
      ),
  );
}

/** Calls with a path of the file, or the symbolic link itself, that a path currently leads to. */
function withHeld<T>(fs: NodeFsOfDeno, path: string, call: (held: string) => T): T {
  const fd = fs.openSync(path, O_PATH | (fs.constants["O_NOFOLLOW"] ?? 0));
  try {
    return call(`/proc/self/fd/${fd}`);
  } finally {
    fs.closeSync(fd);
  }
}

/**
 * Open a path. It is looked at first, and compared afterwards.
 *
 * @param deno The runtime.
 * @param nodeFs Loads `node:fs`, for what is no regular file.
 * @param path The path.
 * @param flags How to open it.
 */
export function openPath(deno: DenoNamespace, nodeFs: NodeFsLoader, path: string, flags: OpenFlags): Opened {
  try {
    return openExisting(deno, nodeFs, { path, info: deno.lstatSync(path), isHeld: false }, flags);
  } catch (error) {
    const failure = failureFromError(error);
    if (failure !== -Errno.NOENT || !flags.create) return failure;
  }
  return create(deno, path, flags, (made, options) => openSame(deno, path, made.statSync(), options));
}

/** O_EXCL does not follow a link, so that what is created was not there before. */
function create(deno: DenoNamespace, path: string, flags: OpenFlags, openPlain: PlainOpener): Opened {
  const { read, write, append } = flags;
  try {
    // Deno creates only what it may write.
    const file = deno.openSync(path, { read, write: true, append, createNew: true });
    const plain = append ? orNothing(() => openPlain(file, { read, write })) : undefined;
    return new DenoFile(file, { read, write, append, plain, synced: flags.syncData || flags.syncAll });
  } catch (error) {
    return failureFromError(error);
  }
}

/** What was found. */
interface Found {
  readonly path: string;
  readonly info: DenoFileInfo;
  /** True if the path is a descriptor of what was found, which is a link in /proc. */
  readonly isHeld: boolean;
}

function openExisting(deno: DenoNamespace, nodeFs: NodeFsLoader, found: Found, flags: OpenFlags): Opened {
  const { path, info, isHeld } = found;
  const { read, write } = flags;
  if (flags.create && flags.exclusive) return -Errno.EXIST;
  if (info.isSymlink) return -Errno.LOOP;
  if (info.isDirectory) return -Errno.ISDIR;
  if (!info.isFile) return openDevice(nodeFs(), found, flags);
  const append = flags.append && write;
  const open = (options: DenoOpenOptions): DenoFsFile | undefined =>
    isHeld ? deno.openSync(path, options) : openSame(deno, path, info, options);
  const file = open({ read, write, append });
  if (file === undefined) return -Errno.LOOP;
  if (flags.truncate) file.truncateSync(0);
  const plain = append ? orNothing(() => open({ read, write })) : undefined;
  return new DenoFile(file, { read, write, append, plain, synced: flags.syncData || flags.syncAll });
}

/** Open a path that led to a file when that was looked at; undefined if it leads to another one by now. */
function openSame(
  deno: DenoNamespace,
  path: string,
  info: DenoFileInfo,
  options: DenoOpenOptions,
): DenoFsFile | undefined {
  const file = deno.openSync(path, options);
  if (isSame(file.statSync(), info)) return file;
  file.close();
  return undefined;
}

function orNothing<T>(call: () => T): T | undefined {
  try {
    return call();
  } catch {
    return undefined;
  }
}

function openDevice(fs: NodeFsOfDeno, { path, info, isHeld }: Found, flags: OpenFlags): PlatformStream {
  const nofollow = isHeld ? 0 : fs.constants["O_NOFOLLOW"] ?? 0;
  const fd = fs.openSync(path, deviceFlags(fs, flags) | nofollow);
  const filetype = filetypeOf(info);
  return new Device(denoDeviceCalls(fs, filetype), { fd, filetype, isTerminal: false });
}

/** Flags of open(2) for what is no regular file; O_NONBLOCK, so that opening a FIFO does not wait for its other end. */
function deviceFlags(fs: NodeFsOfDeno, flags: OpenFlags): number {
  const { O_RDWR = 0, O_WRONLY = 0, O_RDONLY = 0, O_NONBLOCK = 0 } = fs.constants;
  return (flags.write ? (flags.read ? O_RDWR : O_WRONLY) : O_RDONLY) | O_NONBLOCK;
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
        return failureFromError(error);
      }
    },
  };
}
