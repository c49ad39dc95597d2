/** An open regular file: a platform's file with an offset of its own. */

import { Errno } from "../witx/errno.ts";
import { type Filestat, Filetype, Whence } from "../witx/types.ts";
import type { OpenObject } from "./descriptor.ts";
import type { PlatformFile } from "./platform.ts";
import { toErrno, type Transfer, transferAll, transferred } from "./scatter.ts";
import type { IoVectors, OffsetResult, SizeResult } from "./system.ts";

/** A regular file. */
export class RegularFile implements OpenObject {
  readonly filetype: typeof Filetype.REGULAR_FILE = Filetype.REGULAR_FILE;
  readonly isTerminal = false;
  readonly pollable: undefined = undefined;
  readonly #file: PlatformFile;
  readonly #readOnly: boolean;
  #offset = 0;

  /**
   * @param file The platform's file; closed with this object.
   * @param readOnly True in a read-only mount: a host lets the times of a file be set that is open for reading only.
   */
  constructor(file: PlatformFile, readOnly: boolean) {
    this.#file = file;
    this.#readOnly = readOnly;
  }

  readableBytes(): number {
    const size = this.#file.size();
    return size > this.#offset ? size - this.#offset : 0;
  }

  read(iovs: IoVectors, out: SizeResult): Errno {
    const errno = this.pread(iovs, this.#offset, out);
    this.#offset += out.size;
    return errno;
  }

  write(iovs: IoVectors, append: boolean, out: SizeResult): Errno {
    const errno = this.pwrite(iovs, this.#offset, append, out);
    if (!append) this.#offset += out.size;
    else if (out.size > 0) this.#offset = Math.max(this.#file.size(), 0);
    return errno;
  }

  pread(iovs: IoVectors, offset: number, out: SizeResult): Errno {
    const file = this.#file;
    if (iovs.count === 1) return transferred(file.pread(iovs.bytes, iovs.starts[0]!, iovs.lengths[0]!, offset), out);
    return file.preadv === undefined ? preadEach(file, iovs, offset, out) : transferred(file.preadv(iovs, offset), out);
  }

  pwrite(iovs: IoVectors, offset: number, append: boolean, out: SizeResult): Errno {
    const file = this.#file;
    if (append) return appendTo(file, iovs, out);
    if (iovs.count === 1) return transferred(file.pwrite(iovs.bytes, iovs.starts[0]!, iovs.lengths[0]!, offset), out);
    return file.pwritev === undefined
      ? pwriteEach(file, iovs, offset, out)
      : transferred(file.pwritev(iovs, offset), out);
  }

  seek(offset: number, whence: number, out: OffsetResult): Errno {
    let base = 0;
    if (whence === Whence.CUR) base = this.#offset;
    else if (whence === Whence.END) base = this.#file.size();
    else if (whence !== Whence.SET) return Errno.INVAL;
    if (base < 0) return toErrno(base);
    const target = base + offset;
    if (target < 0) return Errno.INVAL;
    if (target > Number.MAX_SAFE_INTEGER) return Errno.OVERFLOW;
    this.#offset = target;
    out.offset = target;
    return Errno.SUCCESS;
  }

  readdir(): Errno {
    return Errno.NOTDIR;
  }

  stat(out: Filestat): Errno {
    return toErrno(this.#file.fstat(out));
  }

  setSize(size: number): Errno {
    return this.#readOnly ? Errno.ROFS : toErrno(this.#file.ftruncate(size));
  }

  setTimes(atim: bigint | undefined, mtim: bigint | undefined): Errno {
    return this.#readOnly ? Errno.ROFS : toErrno(this.#file.futimens(atim, mtim));
  }

  sync(data: boolean): Errno {
    return toErrno(data ? this.#file.fdatasync() : this.#file.fsync());
  }

  advise(offset: number, length: number, advice: number): Errno {
    return toErrno(this.#file.fadvise(offset, length, advice));
  }

  allocate(offset: number, length: number): Errno {
    return this.#readOnly ? Errno.ROFS : toErrno(this.#file.fallocate(offset, length));
  }

  setAppend(on: boolean): Errno {
    return toErrno(this.#file.setAppend(on));
  }

  close(): Errno {
    return toErrno(this.#file.close());
  }
}

function appendTo(file: PlatformFile, iovs: IoVectors, out: SizeResult): Errno {
  return file.appendv === undefined ? transferAll(iovs, out, file, appendPiece) : transferred(file.appendv(iovs), out);
}

function appendPiece(file: PlatformFile, bytes: Uint8Array, start: number, length: number): number {
  return file.append(bytes, start, length);
}

// Apart from their callers, which would make memory for what the closures capture in every call.
function preadEach(file: PlatformFile, iovs: IoVectors, offset: number, out: SizeResult): Errno {
  const read: Transfer<PlatformFile> = (file, bytes, start, length, done) =>
    file.pread(bytes, start, length, offset + done);
  return transferAll(iovs, out, file, read);
}

function pwriteEach(file: PlatformFile, iovs: IoVectors, offset: number, out: SizeResult): Errno {
  const write: Transfer<PlatformFile> = (file, bytes, start, length, done) =>
    file.pwrite(bytes, start, length, offset + done);
  return transferAll(iovs, out, file, write);
}
