/**
 * Directories by their path, for runtimes that have no openat(2) where no descriptor can stand for a directory: macOS, and
 * Deno and Node under permissions.
 *
 * The core hands names on one at a time, and each is looked up without following a link. Before each call the path is
 * looked up again, and refused if it leads to another directory than the one that was opened. What this backend does not
 * promise is a race with another process, which can put a symbolic link in the place of a directory between that look and
 * the call (RATIONALE "What does the sandbox promise on each platform?").
 */

import { Errno } from "../../../witx/errno.ts";
import { emptyFilestat, type Filestat, Filetype } from "../../../witx/types.ts";
import type {
  DirectoryEntry,
  OpenFlags,
  PlatformDirectory,
  PlatformFile,
  PlatformStream,
} from "../../../contract/platform.ts";
import { openError } from "../errors.ts";
import { fillUnsearchableInos } from "./synthetic_inos.ts";
import type { PathCalls } from "./directory_calls.ts";
import { errnoFromResult, type Failure } from "../../../contract/results.ts";

/**
 * All directories that are open: those beneath a renamed one move with it. They are those of every mount and guest of the
 * process, because mounts may overlap. A path that is not kept up to date is no danger: it is refused.
 */
const OPEN: Set<PathDirectory> = new Set();

/** A directory, known by its path. */
class PathDirectory implements PlatformDirectory {
  readonly kind = "directory";
  readonly takesBytes: boolean;
  readonly #calls: PathCalls;
  #path: string;
  readonly #dev: bigint;
  readonly #ino: bigint;
  readonly #stat: Filestat = emptyFilestat();
  /** Its attributes at the end, if it was removed through this process. */
  #removed: Filestat | undefined;

  /**
   * @param calls The runtime.
   * @param path Path of the host, without any symbolic link in it.
   * @param stat Attributes of the directory.
   */
  constructor(calls: PathCalls, path: string, stat: Filestat) {
    this.takesBytes = calls.takesBytes;
    this.#calls = calls;
    this.#path = path;
    this.#dev = stat.dev;
    this.#ino = stat.ino;
    OPEN.add(this);
  }

  #join(name: string): string {
    const { separator } = this.#calls;
    return this.#path.endsWith(separator) ? this.#path + name : this.#path + separator + name;
  }

  /** Checks that the directory is where it was, and that the host does not read the name as a path. */
  #check(name: string): number {
    if (this.#calls.separator === "\\" && /[\\:]/.test(name)) return -Errno.INVAL;
    return this.#look(this.#stat);
  }

  /** Attributes of the directory; NOENT if its path leads to another one by now. */
  #look(out: Filestat): number {
    if (this.#removed !== undefined) return -Errno.NOENT;
    const result = this.#calls.lstat(this.#path, out);
    if (result < 0) return result === -Errno.NOTDIR ? -Errno.NOENT : result;
    return out.dev === this.#dev && out.ino === this.#ino ? 0 : -Errno.NOENT;
  }

  openDirectory(name: string): PlatformDirectory | Failure {
    return this.#check(name) || openPath(this.#calls, this.#join(name));
  }

  openFile(name: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure {
    return this.#check(name) || this.#calls.open(this.#join(name), flags);
  }

  socketPath(name: string): string | Failure {
    return this.#check(name) || this.#join(name);
  }

  fstatat(name: string, out: Filestat): number {
    return this.#check(name) || this.#calls.lstat(this.#join(name), out);
  }

  fstat(out: Filestat): number {
    if (this.#removed === undefined) return this.#look(out);
    out.words.set(this.#removed.words);
    return 0;
  }

  fstatParent(out: Filestat): number {
    const { separator } = this.#calls;
    return this.#look(out) ||
      this.#calls.lstat(this.#path.slice(0, this.#path.lastIndexOf(separator)) || separator, out);
  }

  utimensat(name: string, atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#check(name) || this.#calls.lutimes(this.#join(name), atim, mtim);
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#look(this.#stat) || this.#calls.lutimes(this.#path, atim, mtim);
  }

  readlinkat(name: string): string | Failure {
    return this.#check(name) || this.#calls.readlink(this.#join(name));
  }

  mkdirat(name: string): number {
    return this.#check(name) || this.#calls.mkdir(this.#join(name));
  }

  symlinkat(target: string, name: string): number {
    return this.#check(name) || this.#calls.symlink(target, this.#join(name));
  }

  linkat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    if (!(newDirectory instanceof PathDirectory)) return -Errno.XDEV;
    return this.#check(name) || newDirectory.#check(newName) ||
      this.#calls.link(this.#join(name), newDirectory.#join(newName));
  }

  renameat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    if (!(newDirectory instanceof PathDirectory)) return -Errno.XDEV;
    const refused = this.#check(name) || newDirectory.#check(newName);
    if (refused !== 0) return refused;
    const from = this.#join(name);
    const to = newDirectory.#join(newName);
    const moved = this.#attributesOf(from);
    const replaced = this.#attributesOf(to);
    const result = this.#calls.rename(from, to);
    if (result >= 0 && from !== to) {
      // On a case-insensitive file system both may be the same.
      if (replaced?.ino !== moved?.ino) PathDirectory.#remove(to, replaced);
      this.#moved(from, to);
    }
    return result;
  }

  unlinkat(name: string): number {
    return this.#check(name) || this.#calls.unlink(this.#join(name));
  }

  rmdirat(name: string): number {
    const refused = this.#check(name);
    if (refused !== 0) return refused;
    const path = this.#join(name);
    const removed = this.#attributesOf(path);
    const result = this.#calls.rmdir(path);
    if (result >= 0) PathDirectory.#remove(path, removed);
    return result;
  }

  #moved(from: string, to: string): void {
    const below = from + this.#calls.separator;
    for (const directory of OPEN) {
      if (directory.#path === from) directory.#path = to;
      else if (directory.#path.startsWith(below)) directory.#path = to + directory.#path.slice(from.length);
    }
  }

  /** What a directory that is about to be removed leaves to those that have it open. */
  #attributesOf(path: string): Filestat | undefined {
    const stat = emptyFilestat();
    if (this.#calls.lstat(path, stat) < 0 || stat.filetype !== Filetype.DIRECTORY) return undefined;
    stat.nlink = 0n;
    return stat;
  }

  static #remove(path: string, stat: Filestat | undefined): void {
    if (stat === undefined) return;
    for (const directory of OPEN) {
      if (directory.#path === path) directory.#removed = stat;
    }
  }

  readdir(): DirectoryEntry[] | Failure {
    if (this.#removed !== undefined) return [];
    const result = this.#look(this.#stat);
    if (result < 0) return result;
    const entries = this.#calls.readdir(this.#path);
    return typeof entries === "number" ? entries : fillUnsearchableInos(this, entries);
  }

  fsync(): number {
    if (this.#removed !== undefined) return 0;
    return this.#look(this.#stat) || this.#calls.fsyncDirectory(this.#path);
  }

  close(): number {
    OPEN.delete(this);
    return 0;
  }
}

/**
 * Open the root of a mount by its path.
 *
 * @param calls The runtime.
 * @param path Path of the host, without any symbolic link in it.
 * @throws {Error} With a `code`, if it can't be opened.
 */
export function openPathDirectory(calls: PathCalls, path: string): PlatformDirectory {
  const opened = openPath(calls, path);
  if (typeof opened === "number") throw openError(errnoFromResult(opened), path);
  return opened;
}

/**
 * Open a directory by its path.
 *
 * @param calls The runtime.
 * @param path Path of the host, without any symbolic link in it.
 * @returns The directory, or minus an errno: NOTDIR, NOENT, ACCES, …
 */
function openPath(calls: PathCalls, path: string): PlatformDirectory | Failure {
  const stat = emptyFilestat();
  const result = calls.lstat(path, stat);
  if (result < 0) return result;
  return stat.filetype === Filetype.DIRECTORY ? new PathDirectory(calls, path, stat) : -Errno.NOTDIR;
}
