/** Mounts, and directories within them. */

import { isWithin } from "./guest_path.ts";
import { Listings } from "./listings.ts";
import type { PlatformDirectory } from "../../contract/platform.ts";

/** How a directory is mounted. */
export interface MountOptions {
  /** True if the guest may change nothing in it. Default: false. */
  readonly readOnly?: boolean;
  /** True if the directory belongs to the caller, who closes it. Default: it is closed with the mount. */
  readonly borrowed?: boolean;
  /** Holds its listings. Default: its own. */
  readonly listings?: Listings | undefined;
}

/** A directory of a platform that the guest sees at a path. */
export class Mount {
  /** Absolute, normalised path in the guest: `/`, `/data`. */
  readonly path: string;
  /** The directory that the guest sees there. */
  readonly root: PlatformDirectory;
  /** True if the guest may change nothing in it. */
  readonly readOnly: boolean;
  /** Mounts inside this one, by their path from its root: `data`, `var/lib`. */
  readonly nested: Map<string, Mount> = new Map();
  /** Listings of its directories. */
  readonly listings: Listings;
  readonly #borrowed: boolean;

  /**
   * @param path Absolute, normalised path in the guest.
   * @param root The directory.
   * @param options How it is mounted.
   */
  constructor(path: string, root: PlatformDirectory, options: MountOptions = {}) {
    this.path = path;
    this.root = root;
    this.readOnly = options.readOnly ?? false;
    this.listings = options.listings ?? new Listings();
    this.#borrowed = options.borrowed ?? false;
  }

  /** Closes the directory, unless it belongs to the caller. */
  close(): void {
    if (!this.#borrowed) this.root.close();
  }
}

/**
 * Tells each mount which others lie directly inside it, so that paths lead from one into the other.
 *
 * @param mounts All mounts of a guest.
 */
export function nestMounts(mounts: readonly Mount[]): void {
  for (const inner of mounts) {
    let parent: Mount | undefined;
    for (const outer of mounts) {
      if (outer === inner || outer.path === inner.path || !isWithin(inner.path, outer.path)) continue;
      if (parent === undefined || outer.path.length > parent.path.length) parent = outer;
    }
    parent?.nested.set(pathFrom(parent.path, inner.path), inner);
  }
}

function pathFrom(ancestor: string, path: string): string {
  return ancestor === "/" ? path.slice(1) : path.slice(ancestor.length + 1);
}

/** A directory within a mount, with a reference count: the last release closes it, unless it is the mount's root. */
export class MountedDirectory {
  /** The platform's directory. */
  readonly directory: PlatformDirectory;
  /** The mount that it is in. */
  readonly mount: Mount;
  /** Path from the mount's root, without leading or trailing slash; empty if no mounts are nested in this one. */
  readonly path: string;
  #references = 1;

  /**
   * @param directory The directory.
   * @param mount The mount that it is in.
   * @param path Path from the mount's root.
   */
  constructor(directory: PlatformDirectory, mount: Mount, path: string) {
    this.directory = directory;
    this.mount = mount;
    this.path = path;
  }

  /** The root of a mount. */
  static rootOf(mount: Mount): MountedDirectory {
    return new MountedDirectory(mount.root, mount, "");
  }

  /** True for the root of a mount. */
  get isRoot(): boolean {
    return this.directory === this.mount.root;
  }

  /** True if absolute paths start here: RATIONALE "Why are absolute symbolic links followed only from a mount at `/`?". */
  get isGuestRoot(): boolean {
    return this.mount.path === "/" && this.isRoot;
  }

  /** Adds a reference. */
  retain(): this {
    this.#references++;
    return this;
  }

  /** Drops a reference. @returns 0 or minus an errno. */
  release(): number {
    this.#references--;
    return this.#references === 0 && !this.isRoot ? this.directory.close() : 0;
  }

  /** Path of the child `name` from the mount's root; empty if no mounts are nested in this one. */
  childPath(name: string): string {
    if (this.mount.nested.size === 0) return "";
    return this.path === "" ? name : `${this.path}/${name}`;
  }

  /** The mount at the child `name`, if there is one. */
  mountAt(name: string): Mount | undefined {
    if (this.mount.nested.size === 0) return undefined;
    return this.mount.nested.get(this.childPath(name));
  }

  /** True if the child `name` is a mount or contains one, so that it can't be removed or renamed. */
  isPinned(name: string): boolean {
    if (this.mount.nested.size === 0) return false;
    const path = this.childPath(name);
    for (const nested of this.mount.nested.keys()) {
      if (nested === path || nested.startsWith(path + "/")) return true;
    }
    return false;
  }
}
