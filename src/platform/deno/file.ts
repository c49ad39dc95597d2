/** Regular files by Deno's own API, whose calls cost less than those of its `node:fs`. */

import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import type { PlatformFile } from "../../contract/platform.ts";
import { attempt, errnoFromError, failureFromError } from "../shared/errors.ts";
import type { DenoFileInfo, DenoFsFile } from "./api.ts";

const SEEK_SET = 0;

/** Type of a file; a FIFO is `UNKNOWN`, for preview 1 has no type for it. */
export function filetypeOf(info: DenoFileInfo): Filetype {
  if (info.isFile) return Filetype.REGULAR_FILE;
  if (info.isDirectory) return Filetype.DIRECTORY;
  if (info.isSymlink) return Filetype.SYMBOLIC_LINK;
  if (info.isCharDevice === true) return Filetype.CHARACTER_DEVICE;
  if (info.isBlockDevice === true) return Filetype.BLOCK_DEVICE;
  return info.isSocket === true ? Filetype.SOCKET_STREAM : Filetype.UNKNOWN;
}

/** Deno has file times as `Date`s, in ms (https://github.com/denoland/deno/pull/4932; seen with Deno 2.9). */
function toNs(time: Date | null): bigint {
  return time === null ? 0n : BigInt(time.getTime()) * 1_000_000n;
}

/** Copy attributes. */
export function storeInfo(info: DenoFileInfo, out: Filestat): number {
  out.dev = BigInt(info.dev);
  out.ino = BigInt(info.ino ?? 0);
  out.filetype = filetypeOf(info);
  out.nlink = BigInt(info.nlink ?? 1);
  out.size = BigInt(info.size);
  out.atim = toNs(info.atime);
  out.mtim = toNs(info.mtime);
  out.ctim = toNs(info.ctime ?? info.mtime);
  return 0;
}

/** Time in seconds, or the one that the file has. */
export function toSeconds(ns: bigint | undefined, present: Date | null): number {
  if (ns === undefined) return (present?.getTime() ?? 0) / 1000;
  return Number(ns / 1_000_000_000n) + Number(ns % 1_000_000_000n) / 1e9;
}

/** The largest offset that Linux takes. */
const MAX_OFFSET = 2 ** 63;

/** No common file system holds a larger file. */
const FAR_OFFSET = 2 ** 43;

/** How a file was opened. */
export interface DenoFileOptions {
  /** For reading. */
  readonly read: boolean;
  /** For writing. */
  readonly write: boolean;
  /** With O_APPEND. */
  readonly append: boolean;
  /** With `append`: the same file opened without O_APPEND, if that succeeded; closed with the file. */
  readonly plain: DenoFsFile | undefined;
  /** Each write returns only when it is on the disk: O_SYNC, for which Deno has no flag. */
  readonly synced: boolean;
}

/** An open regular file. */
export class DenoFile implements PlatformFile {
  readonly kind = "file";
  readonly #options: DenoFileOptions;
  #file: DenoFsFile;
  /** The same file without O_APPEND, while {@linkcode DenoFile.#file} has it. */
  #plain: DenoFsFile | undefined;
  #appends: boolean;
  /** Where the descriptor of the process stands, so that reading on does not need a seek; -1 if it is not known. */
  #at = -1;

  /**
   * @param file Closed with this object.
   * @param options How it was opened.
   */
  constructor(file: DenoFsFile, options: DenoFileOptions) {
    this.#file = file;
    this.#options = options;
    this.#plain = options.plain;
    this.#appends = options.append;
  }

  pread(bytes: Uint8Array, start: number, length: number, offset: number): number {
    if (length === 0 || offset >= MAX_OFFSET) return 0;
    try {
      const at = this.#at;
      this.#at = -1;
      if (at !== offset && !this.#seek(offset)) return 0;
      const count = this.#file.readSync(bytes.subarray(start, start + length)) ?? 0;
      this.#at = offset + count;
      return count;
    } catch (error) {
      return failureFromError(error);
    }
  }

  pwrite(bytes: Uint8Array, start: number, length: number, offset: number): number {
    if (!this.#options.write) return -Errno.BADF;
    try {
      const at = this.#at;
      this.#at = -1;
      if (at !== offset && !this.#seek(offset)) return -Errno.FBIG;
      const count = this.#write(bytes, start, length);
      if (!this.#appends) this.#at = offset + count;
      return count;
    } catch (error) {
      const failure = failureFromError(error);
      // A seek beyond what the file system can hold.
      return failure === -Errno.INVAL && offset > FAR_OFFSET ? -Errno.FBIG : failure;
    }
  }

  /** Move the descriptor of the process. @returns False if the file system has no such offset. */
  #seek(offset: number): boolean {
    try {
      this.#file.seekSync(offset, SEEK_SET);
      return true;
    } catch (error) {
      if (errnoFromError(error) === Errno.INVAL) return false;
      throw error;
    }
  }

  #write(bytes: Uint8Array, start: number, length: number): number {
    const count = this.#file.writeSync(bytes.subarray(start, start + length));
    if (this.#options.synced) this.#file.syncSync();
    return count;
  }

  append(bytes: Uint8Array, start: number, length: number): number {
    if (!this.#options.write) return -Errno.BADF;
    if (!this.#appends) {
      const size = this.size();
      return size < 0 ? size : this.pwrite(bytes, start, length, size);
    }
    this.#at = -1;
    try {
      return this.#write(bytes, start, length);
    } catch (error) {
      return failureFromError(error);
    }
  }

  /**
   * Deno has no fcntl(2). A file that was opened without O_APPEND appends at the size that it has at the moment; one that
   * was opened with it was opened without as well, because its path may lead elsewhere by now.
   */
  setAppend(on: boolean): number {
    if (on || !this.#appends) return 0;
    const plain = this.#plain;
    if (plain === undefined) return -Errno.NOTSUP;
    const appending = this.#file;
    this.#plain = undefined;
    this.#file = plain;
    this.#at = -1;
    this.#appends = false;
    return attempt(() => appending.close());
  }

  size(): number {
    try {
      return this.#file.statSync().size;
    } catch (error) {
      return failureFromError(error);
    }
  }

  fstat(out: Filestat): number {
    try {
      return storeInfo(this.#file.statSync(), out);
    } catch (error) {
      return failureFromError(error);
    }
  }

  ftruncate(size: number): number {
    if (!this.#options.write) return -Errno.INVAL;
    return attempt(() => this.#file.truncateSync(size));
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    if (atim === undefined && mtim === undefined) return 0;
    return attempt(() => {
      const info = this.#file.statSync();
      this.#file.utimeSync(toSeconds(atim, info.atime), toSeconds(mtim, info.mtime));
    });
  }

  fsync(): number {
    return attempt(() => this.#file.syncSync());
  }

  fdatasync(): number {
    return attempt(() => this.#file.syncDataSync());
  }

  fadvise(): number {
    return 0;
  }

  /** Without posix_fallocate(3) the file grows, but room on the disk is not taken before it is written. */
  fallocate(offset: number, length: number): number {
    if (!this.#options.write) return -Errno.BADF;
    const size = this.size();
    if (size < 0 || size >= offset + length) return Math.min(size, 0);
    return this.ftruncate(offset + length);
  }

  close(): number {
    const plain = this.#plain;
    this.#plain = undefined;
    const result = attempt(() => this.#file.close());
    return plain === undefined ? result : attempt(() => plain.close()) || result;
  }
}

/** True if two files are the same one. */
export function isSame(one: DenoFileInfo, other: DenoFileInfo): boolean {
  return one.dev === other.dev && one.ino === other.ino;
}
