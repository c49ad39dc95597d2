/**
 * Resolves a path of the guest, one component at a time.
 *
 * Every name that reaches a platform's directory comes from here: a single component other than `.` and `..`. Every
 * directory on the way is opened without following symbolic links; links are read and resolved here. `..` returns to the
 * directory that the walk came from, and never leads above the start.
 *
 * @module
 */

import { Errno } from "../../witx/errno.ts";
import { emptyFilestat, type Filestat } from "../../witx/types.ts";
import { MountedDirectory } from "./mounted_directory.ts";
import { acceptsName, isAbsolute, isPlainPath, MAX_PATH, skipSlashes } from "./path_names.ts";

/** Symbolic links that one path may lead through, as on Linux. */
const MAX_LINKS = 40;

/**
 * The resolution of a path. After {@linkcode PathWalk.start} has succeeded, {@linkcode PathWalk.parent} is the directory of
 * the last component, and {@linkcode PathWalk.name} its name, whether it exists or not. Reusable: every start is followed
 * by an {@linkcode PathWalk.end}. Its calls return 0 or minus an errno.
 */
export class PathWalk {
  /** The directory of the last component. */
  parent: MountedDirectory | undefined;
  /** The last component; empty if the path leads to {@linkcode PathWalk.parent} itself (`.`, `a/..`, a mount). */
  name = "";
  /** True if the path ends in a slash or a dot, so that it must lead to a directory. */
  needsDirectory = false;
  /** Scratch space for operations that need attributes. */
  readonly stat: Filestat = emptyFilestat();
  #start: MountedDirectory | undefined;
  readonly #walked: MountedDirectory[] = [];
  #path = "";
  /** True if the host resolved the path up to {@linkcode PathWalk.parent}, so that the directories between are unknown. */
  #inOneCall = false;
  #rest = "";
  #links = 0;
  /** True if the path may stand for bytes that are not UTF-8. */
  #hasRawBytes = false;

  /**
   * Walks to the last component, which is not looked up itself.
   *
   * @param start Directory that the path starts in; `..` never leads above it.
   * @param path Path of the guest.
   * @returns 0, or minus an errno: NOENT, also for an empty path; NOTDIR; ACCES; LOOP for more than 40 links; NAMETOOLONG
   * for more than 4,096 bytes, or 255 in a component; INVAL for a NUL; PERM if it leads outside; ILSEQ.
   */
  start(start: MountedDirectory, path: string): number {
    this.#start = start;
    this.parent = start;
    this.name = "";
    this.#links = 0;
    this.needsDirectory = false;
    this.#path = path;
    this.#rest = path;
    this.#hasRawBytes = !path.isWellFormed();
    if (path === "") return -Errno.NOENT;
    if (path.length > MAX_PATH) return -Errno.NAMETOOLONG;
    if (path.includes("\0")) return -Errno.INVAL;
    if (isAbsolute(path)) return -Errno.PERM;
    return this.#openInOneCall() || this.#walk();
  }

  /**
   * Lets the host resolve the path up to the directory of the last component, if it can without leaving the start. After
   * a failure the walk goes on component by component, to find the reason.
   */
  #openInOneCall(): number {
    this.#inOneCall = false;
    const { directory, mount } = this.#start!;
    if (directory.openBeneath === undefined || mount.nested.size > 0) return 0;
    const path = this.#path;
    if (!isPlainPath(path) || !acceptsName(directory, path)) return 0;
    const slash = path.lastIndexOf("/");
    const opened = directory.openBeneath(path.slice(0, slash));
    if (typeof opened === "number") return opened === -Errno.NOENT ? opened : 0;
    this.#push(new MountedDirectory(opened, mount, ""));
    this.#inOneCall = true;
    this.#rest = path.slice(slash + 1);
    return 0;
  }

  /** Walks again from the start, by each directory on the way. */
  #restart(): number {
    this.#inOneCall = false;
    this.#release();
    this.parent = this.#start;
    this.#rest = this.#path;
    return this.#walk();
  }

  /**
   * Follows the symbolic link {@linkcode PathWalk.name}.
   *
   * @returns 0, or minus an errno as {@linkcode PathWalk.start}; `-INVAL` if it is not (or no longer) a link.
   */
  followLink(): number {
    const result = this.#inOneCall ? this.#restart() : 0;
    if (result < 0) return result;
    const target = this.parent!.directory.readlinkat(this.name);
    if (typeof target === "number") return target;
    return this.#redirect(target, this.needsDirectory ? "/" : "") || this.#walk();
  }

  /** Releases the directories on the way. */
  end(): void {
    this.#release();
    this.parent = undefined;
    this.#start = undefined;
    this.#rest = "";
    this.#path = "";
  }

  #release(): void {
    while (this.#walked.length > 0) this.#walked.pop()!.release();
  }

  #walk(): number {
    for (;;) {
      const path = this.#rest;
      const begin = skipSlashes(path, 0);
      let end = path.indexOf("/", begin);
      if (end < 0) end = path.length;
      const next = skipSlashes(path, end);
      const name = begin === 0 && end === path.length ? path : path.slice(begin, end);
      const isLast = next === path.length;
      if (isLast && next > end) this.needsDirectory = true;
      this.#rest = isLast ? "" : path.slice(next);

      if (name === "" || name === "." || name === "..") {
        if (name === ".." && !this.#up()) return -Errno.PERM;
        if (!isLast) continue;
        this.name = "";
        this.needsDirectory = true;
        return 0;
      }
      if (this.#hasRawBytes && !acceptsName(this.parent!.directory, name)) return -Errno.ILSEQ;
      if (isLast) {
        this.name = name;
        return this.#enterMount(name);
      }
      const result = this.#down(name);
      if (result < 0) return result;
    }
  }

  /** A mount at the last component is entered: the path leads to its root. */
  #enterMount(name: string): number {
    if (this.parent!.mountAt(name) === undefined) return 0;
    this.name = "";
    this.needsDirectory = true;
    return this.#down(name);
  }

  #down(name: string): number {
    const parent = this.parent!;
    const mount = parent.mountAt(name);
    if (mount !== undefined) {
      this.#push(MountedDirectory.rootOf(mount));
      return 0;
    }
    const directory = parent.directory.openDirectory(name);
    if (typeof directory !== "number") {
      this.#push(new MountedDirectory(directory, parent.mount, parent.childPath(name)));
      return 0;
    }
    if (directory !== -Errno.NOTDIR) return directory;
    const target = parent.directory.readlinkat(name);
    if (typeof target === "number") return target === -Errno.INVAL ? -Errno.NOTDIR : target;
    return this.#redirect(target, "/" + this.#rest);
  }

  #push(parent: MountedDirectory): void {
    this.#walked.push(parent);
    this.parent = parent;
  }

  #up(): boolean {
    const left = this.#walked.pop();
    if (left === undefined) return false;
    left.release();
    this.parent = this.#walked.at(-1) ?? this.#start!;
    return true;
  }

  #redirect(target: string, rest: string): number {
    if (++this.#links > MAX_LINKS) return -Errno.LOOP;
    if (target === "") return -Errno.NOENT;
    this.#rest = target + rest;
    this.#hasRawBytes ||= !target.isWellFormed();
    if (this.#rest.length > MAX_PATH) return -Errno.NAMETOOLONG;
    if (!isAbsolute(target)) return 0;
    return this.#toRoot();
  }

  /**
   * An absolute target is a path of the guest. It is followed only if the walk started at the root of the guest's `/`; from
   * any other start it leads outside.
   */
  #toRoot(): number {
    const start = this.#start!;
    if (!start.isGuestRoot) return -Errno.PERM;
    this.#release();
    this.parent = start;
    return 0;
  }
}
