/** Directories as the sandbox sees them: which mount they lie in, and where. */

import { isWithin } from "./guest_path.ts";
import type { PlatformDirectory } from "./platform.ts";

/** A directory of a platform, seen by the guest at `path`. */
export class Mount {
  /** Absolute path in the guest, normalised: `/`, `/data`. */
  readonly path: string;
  /** The directory that the guest sees there. */
  readonly root: PlatformDirectory;
  /** True if nothing beneath it may be changed by the guest. */
  readonly readOnly: boolean;
  /** True if the directory is closed with the system, false if it is the caller's. */
  readonly owned: boolean;
  /** Mounts that lie beneath this one, by their path from its root: `data`, `var/lib`. */
  readonly nested: Map<string, Mount> = new Map();

  /**
   * @param path Normalised absolute path in the guest.
   * @param root The directory; stays open as long as the system.
   * @param readOnly True to refuse changes.
   * @param owned True to close `root` with the system.
   */
  constructor(path: string, root: PlatformDirectory, readOnly: boolean, owned: boolean = true) {
    this.path = path;
    this.root = root;
    this.readOnly = readOnly;
    this.owned = owned;
  }

  /** Close the directory, unless it is the caller's. */
  close(): void {
    if (this.owned) this.root.close();
  }
}

/**
 * Let each mount know those that lie beneath it, so that a walk through the one comes into the other.
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

/** A directory within a mount. It is counted: whoever keeps it retains it and releases it. */
export class Place {
  readonly directory: PlatformDirectory;
  readonly mount: Mount;
  /** Path from the mount's root, without slashes at the ends; kept only where mounts lie beneath. */
  readonly path: string;
  readonly #owned: boolean;
  #references = 1;

  /**
   * @param directory The directory.
   * @param mount The mount that it lies in.
   * @param path Path from the mount's root.
   * @param owned True to close `directory` with the last reference; false for a mount's root.
   */
  constructor(directory: PlatformDirectory, mount: Mount, path: string, owned: boolean) {
    this.directory = directory;
    this.mount = mount;
    this.path = path;
    this.#owned = owned;
  }

  /** Count one more keeper. */
  retain(): this {
    this.#references++;
    return this;
  }

  /** Count one keeper less; the last one closes the directory. @returns 0 or minus an errno. */
  release(): number {
    this.#references--;
    return this.#references === 0 && this.#owned ? this.directory.close() : 0;
  }

  /** Path of the child `name` from the mount's root, empty where no mount lies beneath and it does not matter. */
  childPath(name: string): string {
    if (this.mount.nested.size === 0) return "";
    return this.path === "" ? name : `${this.path}/${name}`;
  }

  /** The mount that covers the child `name`, if one does. */
  mountAt(name: string): Mount | undefined {
    if (this.mount.nested.size === 0) return undefined;
    return this.mount.nested.get(this.childPath(name));
  }

  /** True if `name` is a mount, or a directory that one lies beneath: it can't be removed or renamed. */
  isPinned(name: string): boolean {
    if (this.mount.nested.size === 0) return false;
    const path = this.childPath(name);
    for (const nested of this.mount.nested.keys()) {
      if (nested === path || nested.startsWith(path + "/")) return true;
    }
    return false;
  }
}
