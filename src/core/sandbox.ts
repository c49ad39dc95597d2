/**
 * Paths of the guest, one component at a time.
 *
 * Nothing else in the core hands names to a platform's directory. Every name handed on is a single component that is
 * neither `.` nor `..`; every directory on the way was opened without following a symbolic link; links are read here
 * and walked here. `..` goes back on the list of directories that were walked through and never above the start.
 */

import { Errno } from "../witx/errno.ts";
import { Place } from "./place.ts";

/** Symbolic links that may be followed in one look-up, as on Linux. */
const MAX_LINKS = 40;

/** Bytes of the longest path, as on Linux (PATH_MAX). Compared with UTF-16 units, which are never more. */
const MAX_PATH = 4096;

const SLASH = 47;

/** Last components that are not names, or lead back to where the walk must have been. */
const NO_NAME = /(^|\/)\.{1,2}\/*$/;

/** True for a path that is a single name. */
export function isName(path: string): boolean {
  if (path === "" || path === "." || path === ".." || path.length > MAX_PATH) return false;
  return !path.includes("/") && !path.includes("\0");
}

/**
 * True for a path that a host which keeps it beneath a directory may be given whole: of many components, the last of
 * which is a name, and well-formed.
 */
export function isWhole(path: string): boolean {
  const { length } = path;
  if (length > MAX_PATH || path.charCodeAt(0) === SLASH || path.charCodeAt(length - 1) === SLASH) return false;
  return path.includes("/") && !path.includes("\0") && !NO_NAME.test(path);
}

/**
 * A look-up. After {@linkcode Walk.start} succeeded, {@linkcode Walk.place} is the directory in which
 * {@linkcode Walk.name} stands, if it stands there at all. Used again and again; whoever starts it ends it.
 */
export class Walk {
  /** Directory of the last component. */
  place: Place | undefined;
  /** Last component, or empty for the directory itself (`.`, `a/..`, the root of a mount). */
  name = "";
  /** True if the path ended in a slash or dot, so that only a directory will do. */
  needsDirectory = false;
  #start: Place | undefined;
  readonly #walked: Place[] = [];
  #path = "";
  /** True if {@linkcode Walk.place} was reached in one step, so that the directories on the way are not known. */
  #jumped = false;
  #rest = "";
  #links = 0;

  /**
   * Walk to the last component, which is not looked up itself.
   *
   * @param start Directory of the descriptor; a wall for `..`.
   * @param path Path of the guest.
   * @returns Errors as documented on `System.pathCreateDirectory`.
   */
  start(start: Place, path: string): Errno {
    this.#start = start;
    this.place = start;
    this.name = "";
    this.#links = 0;
    this.needsDirectory = false;
    this.#path = path;
    this.#rest = path;
    if (path === "") return Errno.NOENT;
    if (path.length > MAX_PATH) return Errno.NAMETOOLONG;
    if (path.includes("\0")) return Errno.INVAL;
    if (path.charCodeAt(0) === SLASH) return Errno.PERM;
    return this.#jump() || this.#walk();
  }

  /**
   * Let the host walk to the directory of the last component, if it can do so without leaving this one. Whatever it does
   * not do is left to the walk, which tells why.
   */
  #jump(): Errno {
    this.#jumped = false;
    const { directory, mount } = this.#start!;
    if (directory.openBeneath === undefined || mount.nested.size > 0) return Errno.SUCCESS;
    const path = this.#path;
    if (!isWhole(path)) return Errno.SUCCESS;
    const slash = path.lastIndexOf("/");
    const opened = directory.openBeneath(path.slice(0, slash));
    if (typeof opened === "number") return opened === Errno.NOENT ? opened : Errno.SUCCESS;
    this.#push(new Place(opened, mount, "", true));
    this.#jumped = true;
    this.#rest = path.slice(slash + 1);
    return Errno.SUCCESS;
  }

  /** Walk once more, by each directory on the way. */
  #retrace(): Errno {
    this.#jumped = false;
    this.#release();
    this.place = this.#start;
    this.#rest = this.#path;
    return this.#walk();
  }

  /**
   * Go on through the symbolic link that {@linkcode Walk.name} is.
   *
   * @returns Errors as {@linkcode Walk.start}; `INVAL` if it is no link (any more).
   */
  followLink(): Errno {
    const errno = this.#jumped ? this.#retrace() : Errno.SUCCESS;
    if (errno !== Errno.SUCCESS) return errno;
    const target = this.place!.directory.readlinkat(this.name);
    if (typeof target === "number") return target;
    return this.#redirect(target, this.needsDirectory ? "/" : "") || this.#walk();
  }

  /** Let go of the directories that were walked through. */
  end(): void {
    this.#release();
    this.place = undefined;
    this.#start = undefined;
    this.#rest = "";
    this.#path = "";
  }

  #release(): void {
    while (this.#walked.length > 0) this.#walked.pop()!.release();
  }

  #walk(): Errno {
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
        if (name === ".." && !this.#up()) return Errno.PERM;
        if (!isLast) continue;
        this.name = "";
        this.needsDirectory = true;
        return Errno.SUCCESS;
      }
      if (isLast) {
        this.name = name;
        return this.#enterMount(name);
      }
      const errno = this.#down(name);
      if (errno !== Errno.SUCCESS) return errno;
    }
  }

  /** A last component that is a mount stands for the mount's root. */
  #enterMount(name: string): Errno {
    if (this.place!.mountAt(name) === undefined) return Errno.SUCCESS;
    this.name = "";
    this.needsDirectory = true;
    return this.#down(name);
  }

  #down(name: string): Errno {
    const place = this.place!;
    const mount = place.mountAt(name);
    if (mount !== undefined) {
      this.#push(new Place(mount.root, mount, "", false));
      return Errno.SUCCESS;
    }
    const directory = place.directory.openDirectory(name);
    if (typeof directory !== "number") {
      this.#push(new Place(directory, place.mount, place.childPath(name), true));
      return Errno.SUCCESS;
    }
    if (directory !== Errno.NOTDIR) return directory;
    const target = place.directory.readlinkat(name);
    if (typeof target === "number") return target === Errno.INVAL ? Errno.NOTDIR : target;
    return this.#redirect(target, "/" + this.#rest);
  }

  #push(place: Place): void {
    this.#walked.push(place);
    this.place = place;
  }

  #up(): boolean {
    const left = this.#walked.pop();
    if (left === undefined) return false;
    left.release();
    this.place = this.#walked.at(-1) ?? this.#start!;
    return true;
  }

  #redirect(target: string, rest: string): Errno {
    if (++this.#links > MAX_LINKS) return Errno.LOOP;
    if (target === "") return Errno.NOENT;
    this.#rest = target + rest;
    if (this.#rest.length > MAX_PATH) return Errno.NAMETOOLONG;
    if (target.charCodeAt(0) !== SLASH) return Errno.SUCCESS;
    return this.#toRoot();
  }

  /**
   * An absolute target is a path of the guest. It is followed only where the walk began at the root of the guest's
   * `/`: any other start is a wall that it leads through.
   */
  #toRoot(): Errno {
    const start = this.#start!;
    if (start.mount.path !== "/" || start.directory !== start.mount.root) return Errno.PERM;
    this.#release();
    this.place = start;
    return Errno.SUCCESS;
  }
}

function skipSlashes(path: string, from: number): number {
  while (from < path.length && path.charCodeAt(from) === SLASH) from++;
  return from;
}
