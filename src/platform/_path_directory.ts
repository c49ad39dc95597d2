/**
 * Directories by their path, for runtimes that have no openat(2).
 *
 * The core hands names on one at a time, and each is looked up without following a link. What this backend does not
 * promise is a race with another process: between the look-up of a component and the call that uses it, that process
 * can put a symbolic link in its place (RATIONALE "What does the sandbox promise on each backend?").
 */

import { Errno } from "../witx/errno.ts";
import type { Filestat } from "../witx/types.ts";
import type { DirectoryEntry, OpenFlags, PlatformDirectory, PlatformFile, PlatformStream } from "../core/platform.ts";

/** Calls of a runtime with paths. None follows a symbolic link that the path itself is. 0 or more, or minus an errno. */
export interface PathCalls {
  /** What separates components in host paths. */
  readonly separator: string;
  /** 0 if it is a directory; -NOTDIR if it is anything else. */
  checkDirectory(path: string): number;
  /** lstat(2). */
  lstat(path: string, out: Filestat): number;
  /** open(2) of what is no directory. */
  open(path: string, flags: OpenFlags): PlatformFile | PlatformStream | Errno;
  /** utimensat(2). */
  lutimes(path: string, atim: bigint | undefined, mtim: bigint | undefined): number;
  /** readlink(2). */
  readlink(path: string): string | Errno;
  /** mkdir(2). */
  mkdir(path: string): number;
  /** symlink(2). */
  symlink(target: string, path: string): number;
  /** link(2). */
  link(path: string, newPath: string): number;
  /** rename(2). */
  rename(path: string, newPath: string): number;
  /** unlink(2). */
  unlink(path: string): number;
  /** rmdir(2). */
  rmdir(path: string): number;
  /** All entries but `.` and `..`. */
  readdir(path: string): DirectoryEntry[] | Errno;
  /** fsync(2) of a directory. */
  fsyncDirectory(path: string): number;
}

/**
 * All directories that are open: those beneath a renamed one move with it. They are those of every mount and guest of the
 * process, because mounts may overlap: what is renamed through one must not lead another one to what takes its place.
 */
const OPEN: Set<PathDirectory> = new Set();

/** A directory, known by its path. */
export class PathDirectory implements PlatformDirectory {
  readonly kind = "directory";
  readonly #calls: PathCalls;
  #path: string;
  #removed = false;

  /**
   * @param calls The runtime.
   * @param path Path of the host, without any symbolic link in it.
   */
  constructor(calls: PathCalls, path: string) {
    this.#calls = calls;
    this.#path = path;
    OPEN.add(this);
  }

  #join(name: string): string {
    const { separator } = this.#calls;
    return this.#path.endsWith(separator) ? this.#path + name : this.#path + separator + name;
  }

  /** Errno for a directory that is gone, or a name that the host would read as more than a name. */
  #refuses(name: string): Errno {
    if (this.#removed) return Errno.NOENT;
    return this.#calls.separator === "\\" && /[\\:]/.test(name) ? Errno.INVAL : Errno.SUCCESS;
  }

  openDirectory(name: string): PlatformDirectory | Errno {
    const refused = this.#refuses(name);
    if (refused !== Errno.SUCCESS) return refused;
    const path = this.#join(name);
    const checked = this.#calls.checkDirectory(path);
    return checked < 0 ? (-checked as Errno) : new PathDirectory(this.#calls, path);
  }

  openFile(name: string, flags: OpenFlags): PlatformFile | PlatformStream | Errno {
    return this.#refuses(name) || this.#calls.open(this.#join(name), flags);
  }

  socketPath(name: string): string | Errno {
    return this.#refuses(name) || this.#join(name);
  }

  fstatat(name: string, out: Filestat): number {
    return -this.#refuses(name) || this.#calls.lstat(this.#join(name), out);
  }

  fstat(out: Filestat): number {
    return this.#removed ? -Errno.NOENT : this.#calls.lstat(this.#path, out);
  }

  fstatParent(out: Filestat): number {
    const { separator } = this.#calls;
    return this.#calls.lstat(this.#path.slice(0, this.#path.lastIndexOf(separator)) || separator, out);
  }

  utimensat(name: string, atim: bigint | undefined, mtim: bigint | undefined): number {
    return -this.#refuses(name) || this.#calls.lutimes(this.#join(name), atim, mtim);
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#removed ? -Errno.NOENT : this.#calls.lutimes(this.#path, atim, mtim);
  }

  readlinkat(name: string): string | Errno {
    return this.#refuses(name) || this.#calls.readlink(this.#join(name));
  }

  mkdirat(name: string): number {
    return -this.#refuses(name) || this.#calls.mkdir(this.#join(name));
  }

  symlinkat(target: string, name: string): number {
    return -this.#refuses(name) || this.#calls.symlink(target, this.#join(name));
  }

  linkat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    const target = newDirectory as PathDirectory;
    return -this.#refuses(name) || -target.#refuses(newName) ||
      this.#calls.link(this.#join(name), target.#join(newName));
  }

  renameat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    const target = newDirectory as PathDirectory;
    const refused = -this.#refuses(name) || -target.#refuses(newName);
    if (refused !== 0) return refused;
    const from = this.#join(name);
    const to = target.#join(newName);
    const result = this.#calls.rename(from, to);
    if (result >= 0 && from !== to) this.#moved(from, to);
    return result;
  }

  unlinkat(name: string): number {
    return -this.#refuses(name) || this.#calls.unlink(this.#join(name));
  }

  rmdirat(name: string): number {
    const refused = -this.#refuses(name);
    if (refused !== 0) return refused;
    const path = this.#join(name);
    const result = this.#calls.rmdir(path);
    if (result >= 0) this.#gone(path);
    return result;
  }

  /** An empty directory may have been replaced; those beneath the renamed one have new paths. */
  #moved(from: string, to: string): void {
    this.#gone(to);
    const below = from + this.#calls.separator;
    for (const directory of OPEN) {
      if (directory.#path === from) directory.#path = to;
      else if (directory.#path.startsWith(below)) directory.#path = to + directory.#path.slice(from.length);
    }
  }

  #gone(path: string): void {
    for (const directory of OPEN) {
      if (directory.#path === path) directory.#removed = true;
    }
  }

  readdir(): DirectoryEntry[] | Errno {
    return this.#removed ? [] : this.#calls.readdir(this.#path);
  }

  fsync(): number {
    return this.#removed ? 0 : this.#calls.fsyncDirectory(this.#path);
  }

  close(): number {
    OPEN.delete(this);
    return 0;
  }
}
