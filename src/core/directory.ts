/** An open directory, with the listing that fd_readdir goes through. */

import { Errno } from "../witx/errno.ts";
import { emptyFilestat, type Filestat, Filetype } from "../witx/types.ts";
import type { OpenObject } from "./descriptor.ts";
import type { Place } from "./place.ts";
import type { DirectoryEntry } from "./platform.ts";
import { toErrno } from "./scatter.ts";
import type { SizeResult } from "./system.ts";

/** Size of a `dirent` without its name. */
const DIRENT_SIZE = 24;

/**
 * Directories with more entries than this answer serial number 0 ("unknown") where the host's listing does not tell
 * it, instead of one stat(2) for each (RATIONALE "Why is d_ino sometimes 0?").
 */
const MAX_STATTED_ENTRIES = 64;

const encoder: TextEncoder = new TextEncoder();
const stat: Filestat = emptyFilestat();

/** A directory. */
export class Directory implements OpenObject {
  readonly filetype: typeof Filetype.DIRECTORY = Filetype.DIRECTORY;
  readonly isTerminal = false;
  readonly pollable: undefined = undefined;
  /** Where it is; the start of every path that is given with its descriptor. */
  readonly place: Place;
  #entries: DirectoryEntry[] | undefined;

  /** @param place The directory; released with this object. */
  constructor(place: Place) {
    this.place = place;
  }

  readableBytes(): number {
    return 0;
  }

  read(): Errno {
    return Errno.ISDIR;
  }

  write(): Errno {
    return Errno.ISDIR;
  }

  pread(): Errno {
    return Errno.ISDIR;
  }

  pwrite(): Errno {
    return Errno.ISDIR;
  }

  seek(): Errno {
    return Errno.ISDIR;
  }

  /** Cookies are positions in a listing that is taken at cookie 0, so they stay valid whatever happens to the directory. */
  readdir(bytes: Uint8Array, start: number, length: number, cookie: number, out: SizeResult): Errno {
    out.size = 0;
    if (cookie === 0 || this.#entries === undefined) {
      const entries = this.#list();
      if (typeof entries === "number") return entries;
      this.#entries = entries;
    }
    const entries = this.#entries;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const end = start + length;
    let at = start;
    for (let i = cookie; i < entries.length && at < end; i++) {
      at = this.#store(view, bytes, at, end, entries[i]!, i + 1);
    }
    out.size = at - start;
    return Errno.SUCCESS;
  }

  #list(): DirectoryEntry[] | Errno {
    const { directory, mount } = this.place;
    const listed = directory.readdir();
    if (typeof listed === "number") return listed;
    const errno = directory.fstat(stat);
    if (errno < 0) return toErrno(errno);
    const entries: DirectoryEntry[] = [{ name: ".", filetype: Filetype.DIRECTORY, ino: stat.ino }];
    if (directory !== mount.root) directory.fstatParent(stat);
    entries.push({ name: "..", filetype: Filetype.DIRECTORY, ino: stat.ino });
    const small = listed.length <= MAX_STATTED_ENTRIES;
    for (const entry of listed) {
      if (small && entry.ino === 0n && directory.fstatat(entry.name, stat) >= 0) entry.ino = stat.ino;
      entries.push(entry);
    }
    this.#addMounts(entries);
    return entries;
  }

  /** Mounts that cover a name of this directory, or add one. */
  #addMounts(entries: DirectoryEntry[]): void {
    const { mount, path } = this.place;
    for (const [nestedPath, nested] of mount.nested) {
      const slash = nestedPath.lastIndexOf("/");
      if (nestedPath.slice(0, Math.max(slash, 0)) !== path) continue;
      const name = nestedPath.slice(slash + 1);
      const ino = nested.root.fstat(stat) < 0 ? 0n : stat.ino;
      const shown = { name, filetype: Filetype.DIRECTORY, ino };
      const covered = entries.findIndex((entry) => entry.name === name);
      if (covered < 0) entries.push(shown);
      else entries[covered] = shown;
    }
  }

  /**
   * Store one record, or as much of it as there is room for:
   *
   *     0       8      16        20       21   24
   *     | d_next | d_ino | d_namlen | d_type | 0 | name …
   */
  #store(view: DataView, bytes: Uint8Array, at: number, end: number, entry: DirectoryEntry, next: number): number {
    const { name, ino } = entry;
    const nameAt = at + DIRENT_SIZE;
    let nameEnd = nameAt + name.length;
    let encoded: Uint8Array | undefined;
    if (nameEnd > end || !storeAscii(name, bytes, nameAt)) {
      encoded = encoder.encode(name);
      nameEnd = nameAt + encoded.length;
      if (nameEnd > end) return this.#storeCut(bytes, at, end, entry, encoded, next);
      bytes.set(encoded, nameAt);
    }
    view.setUint32(at, next, true);
    view.setUint32(at + 4, 0, true);
    view.setBigUint64(at + 8, ino, true);
    view.setUint32(at + 16, nameEnd - nameAt, true);
    view.setUint32(at + 20, entry.filetype, true);
    return nameEnd;
  }

  /** The last record, cut where the buffer ends. */
  #storeCut(
    bytes: Uint8Array,
    at: number,
    end: number,
    entry: DirectoryEntry,
    encoded: Uint8Array,
    next: number,
  ): number {
    const record = new Uint8Array(DIRENT_SIZE + encoded.length);
    this.#store(new DataView(record.buffer), record, 0, record.length, entry, next);
    bytes.set(record.subarray(0, end - at), at);
    return end;
  }

  stat(out: Filestat): Errno {
    return toErrno(this.place.directory.fstat(out));
  }

  setSize(): Errno {
    return Errno.ISDIR;
  }

  setTimes(atim: bigint | undefined, mtim: bigint | undefined): Errno {
    if (this.place.mount.readOnly) return Errno.ROFS;
    return toErrno(this.place.directory.futimens(atim, mtim));
  }

  sync(): Errno {
    return toErrno(this.place.directory.fsync());
  }

  advise(): Errno {
    return Errno.BADF;
  }

  allocate(): Errno {
    return Errno.BADF;
  }

  setAppend(): Errno {
    return Errno.SUCCESS;
  }

  close(): Errno {
    return toErrno(this.place.release());
  }
}

/** Store a text, if it is all ASCII. @returns False if it is not; then what was stored is not whole. */
function storeAscii(text: string, bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < text.length; i++) {
    const char = text.charCodeAt(i);
    if (char > 127) return false;
    bytes[at + i] = char;
  }
  return true;
}
