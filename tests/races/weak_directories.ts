/**
 * Directories that resolve names the way that races break: what a test of races must find to be one.
 *
 * @module
 */

import { lstatSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { Errno } from "../../src/witx/errno.ts";
import { emptyFilestat, type Filestat, Filetype } from "../../src/witx/types.ts";
import type {
  DirectoryEntry,
  OpenFlags,
  Platform,
  PlatformDirectory,
  PlatformFile,
  PlatformStream,
} from "../../src/contract/platform.ts";
import { failureFromError } from "../../src/platform/shared/errors.ts";
import { openOn, posixHost } from "./posix_host.ts";
import type { Failure } from "../../src/contract/results.ts";

/** A directory that hands all on to another one, but for what a subclass resolves in its own way. */
abstract class Weak implements PlatformDirectory {
  readonly kind = "directory";
  /** The one that it hands on to. */
  readonly inner: PlatformDirectory;

  constructor(inner: PlatformDirectory) {
    this.inner = inner;
  }

  abstract openDirectory(name: string): PlatformDirectory | Failure;
  abstract openFile(name: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure;

  fstatat(name: string, out: Filestat): number {
    return this.inner.fstatat(name, out);
  }
  fstat(out: Filestat): number {
    return this.inner.fstat(out);
  }
  fstatParent(out: Filestat): number {
    return this.inner.fstatParent(out);
  }
  utimensat(name: string, atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.inner.utimensat(name, atim, mtim);
  }
  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.inner.futimens(atim, mtim);
  }
  readlinkat(name: string): string | Failure {
    return this.inner.readlinkat(name);
  }
  mkdirat(name: string): number {
    return this.inner.mkdirat(name);
  }
  symlinkat(target: string, name: string): number {
    return this.inner.symlinkat(target, name);
  }
  linkat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    return this.inner.linkat(name, (newDirectory as Weak).inner, newName);
  }
  renameat(name: string, newDirectory: PlatformDirectory, newName: string): number {
    return this.inner.renameat(name, (newDirectory as Weak).inner, newName);
  }
  unlinkat(name: string): number {
    return this.inner.unlinkat(name);
  }
  rmdirat(name: string): number {
    return this.inner.rmdirat(name);
  }
  readdir(): DirectoryEntry[] | Failure {
    return this.inner.readdir();
  }
  fsync(): number {
    return this.inner.fsync();
  }
  close(): number {
    return this.inner.close();
  }
}

/** Looks whether a path leads outside, and opens it then: by its path. */
class ByPath extends Weak {
  readonly #platform: Platform;
  readonly #root: string;
  readonly #path: string;

  constructor(platform: Platform, root: string, path: string) {
    super(platform.openRoot(path));
    this.#platform = platform;
    this.#root = root;
    this.#path = path;
  }

  openDirectory(name: string): PlatformDirectory | Failure {
    const path = join(this.#path, name);
    try {
      const isLink = lstatSync(path).isSymbolicLink();
      return isLink ? -Errno.NOTDIR : this.#open(path);
    } catch (error) {
      return failureFromError(error);
    }
  }

  openBeneath(path: string): PlatformDirectory | Failure {
    try {
      return this.#open(`${this.#path}/${path}`);
    } catch (error) {
      return failureFromError(error);
    }
  }

  #open(path: string): PlatformDirectory | Failure {
    const isInside = `${realpathSync(path)}/`.startsWith(`${this.#root}/`);
    return isInside ? new ByPath(this.#platform, this.#root, path) : -Errno.XDEV;
  }

  openFile(name: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure {
    return this.inner.openFile(name, flags);
  }
}

/** Looks whether a name is a symbolic link, and opens it then: following links. */
class ByLook extends Weak {
  openDirectory(name: string): PlatformDirectory | Failure {
    const filetype = this.#look(name);
    if (filetype === Filetype.SYMBOLIC_LINK) return -Errno.NOTDIR;
    const opened = this.inner.openDirectory(name);
    return typeof opened === "number" ? opened : new ByLook(opened);
  }

  openFile(name: string, flags: OpenFlags): PlatformFile | PlatformStream | Failure {
    return this.#look(name) === Filetype.SYMBOLIC_LINK ? -Errno.LOOP : this.inner.openFile(name, flags);
  }

  #look(name: string): Filetype | undefined {
    const stat = emptyFilestat();
    return this.inner.fstatat(name, stat) < 0 ? undefined : stat.filetype;
  }
}

/**
 * A directory that is resolved by its path, after a look at where it leads.
 *
 * @param platform Opens the paths.
 * @param path Of the directory, without symbolic links.
 */
export function resolvedByPath(platform: Platform, path: string): PlatformDirectory {
  return new ByPath(platform, path, path);
}

/**
 * A directory in which symbolic links are looked for, but followed where one came since (no O_NOFOLLOW).
 *
 * @param path Of the directory.
 */
export function followingLinks(path: string): PlatformDirectory {
  const host = posixHost((target) => ({ ...target, open: { ...target.open, O_NOFOLLOW: 0 } }));
  return new ByLook(openOn(host, path));
}
