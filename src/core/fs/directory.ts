/** An open directory, with the listing that its entries are read from. */

import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import type { DirectoryEntry } from "../../contract/platform.ts";
import type { Failure } from "../../contract/results.ts";
import { DirectoryEntries } from "./entries.ts";
import { type HeldListing, positionOf } from "./listings.ts";
import type { MountedDirectory } from "./mounted_directory.ts";

/** An open directory. Its calls return 0 or minus an errno. */
export class OpenDirectory {
  readonly kind = "directory";
  readonly filetype: typeof Filetype.DIRECTORY = Filetype.DIRECTORY;
  /** The directory within its mount: paths that are given with this object start there. */
  readonly mounted: MountedDirectory;
  /** Its own listing, by position. */
  #held: HeldListing | undefined;
  /** True if there was no room for one, so that it is listed by key. */
  #isKeyed = false;

  /** @param mounted The directory, which is released with this object. */
  constructor(mounted: MountedDirectory) {
    this.mounted = mounted;
  }

  /**
   * Entries from a cookie on, `.` and `..` first. A cookie is a position in a listing that is taken at cookie 0, or a key
   * of a name, so it stays valid whatever changes.
   *
   * @param cookie 0, or {@linkcode EntryCursor.cookie} of an earlier cursor.
   */
  entriesFrom(cookie: number): EntryCursor | Failure {
    if (cookie === 0 || (this.#held === undefined && !this.#isKeyed)) {
      const result = this.#list();
      if (result < 0) return result;
    }
    if (this.#held !== undefined) return new EntryCursor(this.#held, undefined, cookie);
    const listing = this.mounted.mount.listings.keyed(this.mounted);
    if (typeof listing === "number") return listing;
    return new EntryCursor(listing.entries, listing.keys, positionOf(listing.keys, cookie));
  }

  /** Its entries without `.` and `..`, as they are now. They are independent of this object, and to be closed. */
  entries(): DirectoryEntries | Failure {
    const listing = this.mounted.mount.listings.list(this.mounted);
    return typeof listing === "number" ? listing : new DirectoryEntries(this.mounted.retain(), listing);
  }

  #list(): number {
    this.#releaseListing();
    const listing = this.mounted.mount.listings.list(this.mounted);
    if (typeof listing === "number") return listing;
    this.#held = listing;
    this.#isKeyed = listing === undefined;
    return 0;
  }

  #releaseListing(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#isKeyed = false;
    if (held !== undefined) this.mounted.mount.listings.release(held);
  }

  /** Stores the attributes. */
  stat(out: Filestat): number {
    return this.mounted.directory.fstat(out);
  }

  /** Sets the times (ns); undefined leaves one as it is. */
  setTimes(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.mounted.mount.readOnly ? -Errno.ROFS : this.mounted.directory.futimens(atim, mtim);
  }

  /** Writes the directory to the disk. */
  sync(): number {
    return this.mounted.directory.fsync();
  }

  /** The same as {@linkcode OpenDirectory.sync}. */
  syncData(): number {
    return this.mounted.directory.fsync();
  }

  /** Closes the directory. */
  close(): number {
    this.#releaseListing();
    return this.mounted.release();
  }
}

/** Iterates over the entries of a listing. */
export class EntryCursor {
  readonly #entries: readonly DirectoryEntry[];
  readonly #keys: Float64Array | undefined;
  #position: number;

  /**
   * @param entries The listing.
   * @param keys One for each entry; without them the position is the key.
   * @param position Index of the first entry.
   */
  constructor(entries: readonly DirectoryEntry[], keys: Float64Array | undefined, position: number) {
    this.#entries = entries;
    this.#keys = keys;
    this.#position = position;
  }

  /** The next entry, or undefined at the end. */
  next(): DirectoryEntry | undefined {
    return this.#entries[this.#position++];
  }

  /** Cookie of the entry behind the latest one. */
  get cookie(): number {
    const latest = this.#position - 1;
    return (this.#keys === undefined ? latest : this.#keys[latest]!) + 1;
  }
}
