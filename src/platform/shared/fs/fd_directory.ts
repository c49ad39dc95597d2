/**
 * Directories that are held by a descriptor, for runtimes that have no openat(2) on a system that has /proc.
 *
 * `/proc/self/fd/N/name` is a name in the directory that descriptor N stands for, wherever that directory has been moved. So
 * no rename and no link leads a guest elsewhere, not even one by another process (RATIONALE "What does the sandbox
 * promise on each platform?").
 */

import { Errno } from "../../../witx/errno.ts";
import { emptyFilestat, type Filestat } from "../../../witx/types.ts";
import type {
  DirectoryEntry,
  OpenFlags,
  PlatformDirectory,
  PlatformFile,
  PlatformStream,
} from "../../../contract/platform.ts";
import { openError } from "../errors.ts";
import { fillUnsearchableInos } from "./synthetic_inos.ts";
import type { DirectoryFdCalls, PathCalls } from "./directory_calls.ts";
import { errnoFromResult, type Failure } from "../../../contract/results.ts";

/** Where the descriptors of the process are. */
const DESCRIPTORS = "/proc/self/fd/";

/** A directory, held by its descriptor. */
export class FdDirectory implements PlatformDirectory {
  readonly kind = "directory";
  readonly takesBytes: boolean;
  readonly #calls: PathCalls;
  readonly #descriptors: DirectoryFdCalls;
  /** Path of what is in it; means another directory once the descriptor is closed. */
  readonly #prefix: string;
  /** -1 once it is closed: the first that changes then, and what every call looks at. */
  #fd: number;

  /**
   * @param calls The runtime.
   * @param descriptors The runtime.
   * @param fd From `descriptors`; closed with this object.
   */
  constructor(calls: PathCalls, descriptors: DirectoryFdCalls, fd: number) {
    this.takesBytes = calls.takesBytes;
    this.#calls = calls;
    this.#descriptors = descriptors;
    this.#prefix = `${DESCRIPTORS}${fd}/`;
    this.#fd = fd;
  }

  get #isClosed(): boolean {
    return this.#fd < 0;
  }

  openDirectory(name: string): PlatformDirectory | Failure {
    if (this.#isClosed) return -Errno.BADF;
    const fd = this.#descriptors.open(this.#prefix + name);
    return fd < 0 ? fd : new FdDirectory(this.#calls, this.#descriptors, fd);
  }

  openFile(name: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure {
    return this.#isClosed ? -Errno.BADF : this.#calls.open(this.#prefix + name, flags);
  }

  socketPath(name: string): string | Failure {
    return this.#isClosed ? -Errno.BADF : this.#prefix + name;
  }

  fstatat(name: string, out: Filestat): number {
    return this.#isClosed ? -Errno.BADF : this.#calls.lstat(this.#prefix + name, out);
  }

  fstat(out: Filestat): number {
    return this.#isClosed ? -Errno.BADF : this.#descriptors.fstat(this.#fd, out);
  }

  fstatParent(out: Filestat): number {
    return this.fstatat("..", out);
  }

  utimensat(name: string, atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#isClosed ? -Errno.BADF : this.#calls.lutimes(this.#prefix + name, atim, mtim);
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.utimensat(".", atim, mtim);
  }

  readlinkat(name: string): string | Failure {
    return this.#isClosed ? -Errno.BADF : this.#calls.readlink(this.#prefix + name);
  }

  mkdirat(name: string): number {
    return this.#isClosed ? -Errno.BADF : this.#calls.mkdir(this.#prefix + name);
  }

  symlinkat(target: string, name: string): number {
    return this.#isClosed ? -Errno.BADF : this.#calls.symlink(target, this.#prefix + name);
  }

  linkat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    if (!(newDirectory instanceof FdDirectory)) return -Errno.XDEV;
    if (this.#isClosed || newDirectory.#isClosed) return -Errno.BADF;
    return this.#calls.link(this.#prefix + name, newDirectory.#prefix + newName);
  }

  renameat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    if (!(newDirectory instanceof FdDirectory)) return -Errno.XDEV;
    if (this.#isClosed || newDirectory.#isClosed) return -Errno.BADF;
    return this.#calls.rename(this.#prefix + name, newDirectory.#prefix + newName);
  }

  unlinkat(name: string): number {
    return this.#isClosed ? -Errno.BADF : this.#calls.unlink(this.#prefix + name);
  }

  rmdirat(name: string): number {
    return this.#isClosed ? -Errno.BADF : this.#calls.rmdir(this.#prefix + name);
  }

  readdir(): DirectoryEntry[] | Failure {
    if (this.#isClosed) return -Errno.BADF;
    const entries = this.#calls.readdir(this.#prefix);
    if (typeof entries !== "number") return fillUnsearchableInos(this, entries);
    // A directory that was removed.
    return entries === -Errno.NOENT ? [] : entries;
  }

  fsync(): number {
    return this.#isClosed ? -Errno.BADF : this.#calls.fsyncDirectory(this.#prefix);
  }

  close(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return fd < 0 ? -Errno.BADF : this.#descriptors.close(fd);
  }
}

/** How often a path is opened that leads elsewhere by the time it is compared: other processes may rename directories. */
const MAX_ATTEMPTS = 100;

/**
 * Open a directory so that it is held by a descriptor.
 *
 * @param calls The runtime.
 * @param descriptors The runtime, on Linux.
 * @param path Path of the host, which is no symbolic link itself.
 * @returns The directory; undefined where /proc does not show the descriptors of this process.
 * @throws {Error} With a `code`, if it can't be opened: AGAIN if the path keeps leading to other directories.
 */
export function openFdDirectory(
  calls: PathCalls,
  descriptors: DirectoryFdCalls,
  path: string,
): PlatformDirectory | undefined {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const fd = descriptors.open(path);
    if (fd < 0) throw openError(errnoFromResult(fd), path);
    const stat = emptyFilestat();
    const isShown = descriptors.fstat(fd, stat) >= 0 && leadsTo(calls, `${DESCRIPTORS}${fd}/.`, stat);
    if (isShown && leadsTo(calls, path, stat)) return new FdDirectory(calls, descriptors, fd);
    descriptors.close(fd);
    if (!isShown) return undefined;
    // It was replaced: a directory that is known by its path alone would be open to the same race for ever.
  }
  throw openError(Errno.AGAIN, path);
}

/** True if a path leads to a directory, or to one that may not be searched. */
function leadsTo(calls: PathCalls, path: string, { dev, ino }: Filestat): boolean {
  const found = emptyFilestat();
  const result = calls.lstat(path, found);
  return result === -Errno.ACCES || (result >= 0 && found.dev === dev && found.ino === ino);
}
