/** Listings of directories, with a limit on the memory that those of a mount take together. */

import { emptyFilestat, type Filestat, Filetype } from "../../witx/types.ts";
import type { DirectoryEntry, PlatformDirectory } from "../../contract/platform.ts";
import type { Failure } from "../../contract/results.ts";

/**
 * Where the host's listing has no serial numbers, larger directories report 0 ("unknown") instead of one stat(2) for each
 * entry (RATIONALE "Why is d_ino sometimes 0?").
 */
const MAX_STATTED_ENTRIES = 64;

/**
 * Maximum number of entries in all held listings, and again in all keyed listings: about 200 bytes each.
 * (RATIONALE "Why is the whole listing read at once?")
 */
const MAX_ENTRIES = 128 * 1024;

/** Entries in the host's order; a cookie is a position. */
export type HeldListing = readonly DirectoryEntry[];

/** Entries in the order of their keys, which depend only on their names; a cookie is a key. */
export interface KeyedListing {
  readonly entries: readonly DirectoryEntry[];
  /** Ascending, one for each entry. */
  readonly keys: Float64Array;
}

/** A directory to list: the part of `MountedDirectory` that this needs. */
export interface ListedDirectory {
  readonly directory: PlatformDirectory;
  /** Path from the mount's root. */
  readonly path: string;
  readonly mount: {
    readonly root: PlatformDirectory;
    readonly nested: ReadonlyMap<string, { readonly root: PlatformDirectory }>;
  };
}

interface SharedListing extends KeyedListing {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly path: string;
}

/** The listings of one mount. */
export class Listings {
  readonly #maxEntries: number;
  #held = 0;
  /** The latest ones, the newest last. None is older than the last time that its directory was read from cookie 0. */
  readonly #shared: SharedListing[] = [];
  readonly #stat: Filestat = emptyFilestat();

  /** @param maxEntries Maximum number of entries held, and of entries shared; a single shared listing may have more. */
  constructor(maxEntries: number = MAX_ENTRIES) {
    this.#maxEntries = maxEntries;
  }

  /** Entries in memory. */
  get size(): number {
    return this.#held + this.#sharedSize();
  }

  /**
   * Lists a directory from its start.
   *
   * @param listed The directory.
   * @returns A listing that the caller holds until {@linkcode Listings.release}; undefined if there is no room for it, so
   * that the caller uses {@linkcode Listings.keyed}.
   */
  list(listed: ListedDirectory): HeldListing | undefined | Failure {
    const entries = this.#entriesOf(listed);
    if (typeof entries === "number") return entries;
    if (this.#held + entries.length <= this.#maxEntries) {
      this.#held += entries.length;
      return entries;
    }
    const shared = this.#share(listed, entries);
    return typeof shared === "number" ? shared : undefined;
  }

  /** Releases a held listing. */
  release(listing: HeldListing): void {
    this.#held -= listing.length;
  }

  /** A listing by keys, no older than the last {@linkcode Listings.list} of the directory. */
  keyed(listed: ListedDirectory): KeyedListing | Failure {
    const result = listed.directory.fstat(this.#stat);
    if (result < 0) return result;
    const at = this.#indexOf(listed.path);
    if (at >= 0) {
      const [found] = this.#shared.splice(at, 1);
      this.#shared.push(found!);
      return found!;
    }
    const entries = this.#entriesOf(listed);
    return typeof entries === "number" ? entries : this.#share(listed, entries);
  }

  /** Index of the shared listing of the directory whose attributes `#stat` holds, or -1. */
  #indexOf(path: string): number {
    const { dev, ino } = this.#stat;
    return this.#shared.findIndex((listing) => listing.dev === dev && listing.ino === ino && listing.path === path);
  }

  #sharedSize(): number {
    return this.#shared.reduce((total, { entries }) => total + entries.length, 0);
  }

  #share(listed: ListedDirectory, entries: DirectoryEntry[]): SharedListing | Failure {
    const result = listed.directory.fstat(this.#stat);
    if (result < 0) return result;
    const { dev, ino } = this.#stat;
    const { path } = listed;
    const listing = { dev, ino, path, ...keyedListing(entries) };
    const at = this.#indexOf(path);
    if (at >= 0) this.#shared.splice(at, 1);
    this.#shared.push(listing);
    while (this.#shared.length > 1 && this.#sharedSize() > this.#maxEntries) this.#shared.shift();
    return listing;
  }

  /** All entries: `.` and `..` first. */
  #entriesOf(listed: ListedDirectory): DirectoryEntry[] | Failure {
    const { directory, mount } = listed;
    const stat = this.#stat;
    const children = directory.readdir();
    if (typeof children === "number") return children;
    const result = directory.fstat(stat);
    if (result < 0) return result;
    const entries: DirectoryEntry[] = [{ name: ".", filetype: Filetype.DIRECTORY, ino: stat.ino }];
    if (directory !== mount.root) directory.fstatParent(stat);
    entries.push({ name: "..", filetype: Filetype.DIRECTORY, ino: stat.ino });
    const isSmall = children.length <= MAX_STATTED_ENTRIES;
    for (const entry of children) {
      if (isSmall && entry.ino === 0n && directory.fstatat(entry.name, stat) >= 0) entry.ino = stat.ino;
      entries.push(entry);
    }
    this.#addMounts(listed, entries);
    return entries;
  }

  /** Adds the mounts in this directory, in place of the entries that they cover. */
  #addMounts({ mount, path }: ListedDirectory, entries: DirectoryEntry[]): void {
    for (const [nestedPath, nested] of mount.nested) {
      const slash = nestedPath.lastIndexOf("/");
      if (nestedPath.slice(0, Math.max(slash, 0)) !== path) continue;
      const name = nestedPath.slice(slash + 1);
      const ino = nested.root.fstat(this.#stat) < 0 ? 0n : this.#stat.ino;
      const shown = { name, filetype: Filetype.DIRECTORY, ino };
      const covered = entries.findIndex((entry) => entry.name === name);
      if (covered < 0) entries.push(shown);
      else entries[covered] = shown;
    }
  }
}

/** The first position whose key is at least `key`. */
export function positionOf(keys: Float64Array, key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle]! < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Names that have the same hash get keys in a row, and so do `.` and `..`, which come first. */
const KEYS_OF_A_HASH = 8;

function keyedListing(entries: DirectoryEntry[]): KeyedListing {
  const hashes = entries.map(({ name }, i) => i < 2 ? i : 2 + hashOf(name));
  const order = entries.map((_, i) => i).sort((a, b) =>
    hashes[a]! - hashes[b]! || (entries[a]!.name < entries[b]!.name ? -1 : 1)
  );
  const keys = new Float64Array(entries.length);
  let last = -1;
  order.forEach((from, i) => keys[i] = last = Math.max(last + 1, hashes[from]! * KEYS_OF_A_HASH));
  return { entries: order.map((from) => entries[from]!), keys };
}

/** 49 bits, so that a key is below 2^53 and no two names of a directory are likely to have the same. */
function hashOf(name: string): number {
  let low = 0x811c9dc5;
  let high = 0x9e3779b9;
  for (let i = 0; i < name.length; i++) {
    const unit = name.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
    high ^= high >>> 13;
  }
  return (high >>> 15) * 2 ** 32 + ((low ^ low >>> 16) >>> 0);
}
