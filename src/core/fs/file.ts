/** An open regular file: a platform's file with an offset and an append mode. */

import { Errno } from "../../witx/errno.ts";
import { type Filestat, Filetype } from "../../witx/types.ts";
import type { PlatformFile } from "../../contract/platform.ts";
import type { IoVectors } from "../../contract/vectors.ts";
import { type Transfer, transferEach } from "../io/vectored_io.ts";

/** How a file was opened. */
export interface FileAccess {
  /** True in a read-only mount: a host may let the times of a file be set that is open for reading only. */
  readonly readOnly: boolean;
  /** True if the platform's file is open for writing, if only to truncate it. */
  readonly writable: boolean;
  /** True if every write goes to the end of the file. */
  readonly append: boolean;
}

const APPEND_ON = true;
const APPEND_OFF = false;

/** An open regular file. Its calls return what {@linkcode PlatformFile} returns: a count or 0, or minus an errno. */
export class OpenFile {
  readonly kind = "file";
  readonly filetype: typeof Filetype.REGULAR_FILE = Filetype.REGULAR_FILE;
  readonly #file: PlatformFile;
  readonly #readOnly: boolean;
  readonly #writable: boolean;
  #append: boolean;
  /** True while the platform's file is in append mode: also for {@linkcode OpenFile.append}, until the next other write. */
  #appendsNow: boolean;
  #offset = 0;

  /**
   * @param file The platform's file, which is closed with this object.
   * @param access How it was opened.
   */
  constructor(file: PlatformFile, { readOnly, writable, append }: FileAccess) {
    this.#file = file;
    this.#readOnly = readOnly;
    this.#writable = writable;
    this.#append = append;
    this.#appendsNow = append;
  }

  /** Offset of the next read or write. */
  get offset(): number {
    return this.#offset;
  }

  /** Bytes from the offset to the end. */
  readableBytes(): number {
    const size = this.#file.size();
    return size > this.#offset ? size - this.#offset : 0;
  }

  /** Reads at the offset and advances it. */
  read(iovs: IoVectors): number {
    const count = this.readAt(iovs, this.#offset);
    if (count > 0) this.#offset += count;
    return count;
  }

  /** Writes at the offset, or at the end in append mode, and moves the offset behind the bytes. */
  write(iovs: IoVectors): number {
    const count = this.writeAt(iovs, this.#offset);
    if (count > 0) this.#offset = this.#append ? Math.max(this.#file.size(), 0) : this.#offset + count;
    return count;
  }

  /** Reads at an offset. */
  readAt(iovs: IoVectors, offset: number): number {
    const file = this.#file;
    if (iovs.count === 1) return file.pread(iovs.bytes, iovs.starts[0]!, iovs.lengths[0]!, offset);
    return file.preadv === undefined ? preadEach(file, iovs, offset) : file.preadv(iovs, offset);
  }

  /** Writes at an offset; in append mode at the end all the same, as Linux does. */
  writeAt(iovs: IoVectors, offset: number): number {
    const file = this.#file;
    if (this.#append) return appendTo(file, iovs);
    const result = this.#appendsNow ? this.#switchAppend(APPEND_OFF) : 0;
    if (result < 0) return result;
    if (iovs.count === 1) return file.pwrite(iovs.bytes, iovs.starts[0]!, iovs.lengths[0]!, offset);
    return file.pwritev === undefined ? pwriteEach(file, iovs, offset) : file.pwritev(iovs, offset);
  }

  /** Reads into one buffer at an offset. */
  pread(bytes: Uint8Array, start: number, length: number, offset: number): number {
    return this.#file.pread(bytes, start, length, offset);
  }

  /** Writes from one buffer at an offset; as {@linkcode OpenFile.writeAt}. */
  pwrite(bytes: Uint8Array, start: number, length: number, offset: number): number {
    const file = this.#file;
    if (this.#append) return file.append(bytes, start, length);
    const result = this.#appendsNow ? this.#switchAppend(APPEND_OFF) : 0;
    return result < 0 ? result : file.pwrite(bytes, start, length, offset);
  }

  /** Writes at the end of the file, whether it is in append mode or not; atomically where the platform can. */
  append(bytes: Uint8Array, start: number, length: number): number {
    const result = this.#appendsNow ? 0 : this.#switchAppend(APPEND_ON);
    return result < 0 ? result : this.#file.append(bytes, start, length);
  }

  #switchAppend(on: boolean): number {
    const result = this.#file.setAppend(on);
    if (result >= 0) this.#appendsNow = on;
    return result;
  }

  /** Size in bytes. */
  size(): number {
    return this.#file.size();
  }

  /** Sets the offset. @returns The offset, `-INVAL` for one below 0, or `-OVERFLOW` for one of 2^53 or more. */
  seek(offset: number): number {
    if (offset < 0) return -Errno.INVAL;
    if (offset > Number.MAX_SAFE_INTEGER) return -Errno.OVERFLOW;
    this.#offset = offset;
    return offset;
  }

  /** Stores the attributes. */
  stat(out: Filestat): number {
    return this.#file.fstat(out);
  }

  /** Truncates the file, or extends it with zeros. */
  setSize(size: number): number {
    if (this.#readOnly) return -Errno.ROFS;
    return this.#writable ? this.#file.ftruncate(size) : -Errno.INVAL;
  }

  /** Sets the times (ns); undefined leaves one as it is. */
  setTimes(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#readOnly ? -Errno.ROFS : this.#file.futimens(atim, mtim);
  }

  /** Writes data and attributes to the disk. */
  sync(): number {
    return this.#file.fsync();
  }

  /** Writes data to the disk. */
  syncData(): number {
    return this.#file.fdatasync();
  }

  /** Announces how a range will be used (`Advice`). */
  advise(offset: number, length: number, advice: number): number {
    return this.#file.fadvise(offset, length, advice);
  }

  /** Reserves room for a range; the file grows if it must. */
  allocate(offset: number, length: number): number {
    if (this.#readOnly) return -Errno.ROFS;
    return this.#writable ? this.#file.fallocate(offset, length) : -Errno.BADF;
  }

  /** Turns append mode on or off. */
  setAppend(on: boolean): number {
    const result = this.#switchAppend(on);
    if (result >= 0) this.#append = on;
    return result;
  }

  /** Closes the file. */
  close(): number {
    return this.#file.close();
  }
}

function appendTo(file: PlatformFile, iovs: IoVectors): number {
  return file.appendv === undefined ? transferEach(iovs, file, appendBuffer) : file.appendv(iovs);
}

function appendBuffer(file: PlatformFile, bytes: Uint8Array, start: number, length: number): number {
  return file.append(bytes, start, length);
}

// Separate functions: a caller that contains a closure allocates its context in every call.
function preadEach(file: PlatformFile, iovs: IoVectors, offset: number): number {
  const read: Transfer<PlatformFile> = (file, bytes, start, length, done) =>
    file.pread(bytes, start, length, offset + done);
  return transferEach(iovs, file, read);
}

function pwriteEach(file: PlatformFile, iovs: IoVectors, offset: number): number {
  const write: Transfer<PlatformFile> = (file, bytes, start, length, done) =>
    file.pwrite(bytes, start, length, offset + done);
  return transferEach(iovs, file, write);
}
