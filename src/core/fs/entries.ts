/** The entries of a directory, one after the other. */

import { emptyFilestat, Filetype } from "../../witx/types.ts";
import type { DirectoryEntry } from "../../contract/platform.ts";
import type { Failure } from "../../contract/results.ts";
import { type HeldListing, positionOf } from "./listings.ts";
import type { MountedDirectory } from "./mounted_directory.ts";

/** Entries of a directory without `.` and `..`; mounts are among them. */
export class DirectoryEntries {
  readonly #mounted: MountedDirectory;
  /** Undefined if there was no room for it, so that it is listed by key. */
  #held: HeldListing | undefined;
  /** Position in the listing, or a key. */
  #next = 0;
  #isClosed = false;

  /**
   * @param mounted The directory, which is released with this object.
   * @param held Its listing, which is released with this object.
   */
  constructor(mounted: MountedDirectory, held: HeldListing | undefined) {
    this.#mounted = mounted;
    this.#held = held;
  }

  /**
   * The next entry, or undefined at the end. Its type is that of a symbolic link itself, and `UNKNOWN` only where the
   * platform can't tell it. Minus an errno if a directory that has to be listed again can't be.
   */
  next(): DirectoryEntry | undefined | Failure {
    for (;;) {
      const entry = this.#held === undefined ? this.#nextByKey() : this.#held[this.#next++];
      if (entry === undefined || typeof entry === "number") return entry;
      if (entry.name === "." || entry.name === "..") continue;
      if (entry.filetype === Filetype.UNKNOWN) this.#findType(entry);
      return entry;
    }
  }

  #nextByKey(): DirectoryEntry | undefined | Failure {
    const listing = this.#mounted.mount.listings.keyed(this.#mounted);
    if (typeof listing === "number") return listing;
    const position = positionOf(listing.keys, this.#next);
    const key = listing.keys[position];
    if (key !== undefined) this.#next = key + 1;
    return listing.entries[position];
  }

  #findType(entry: DirectoryEntry): void {
    const stat = emptyFilestat();
    if (this.#mounted.directory.fstatat(entry.name, stat) >= 0) entry.filetype = stat.filetype;
  }

  /** Releases listing and directory. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#held !== undefined) this.#mounted.mount.listings.release(this.#held);
    this.#held = [];
    this.#mounted.release();
  }
}
