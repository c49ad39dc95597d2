/** The calls `fd_*`. */

import { Errno } from "../witx/errno.ts";
import {
  Advice,
  Fdflags,
  FDFLAGS_ALL,
  type Fdstat,
  type Filestat,
  Preopentype,
  Rights,
  RIGHTS_ALL,
  Signal,
  Whence,
} from "../witx/types.ts";
import type { FdTable } from "./fd_table.ts";
import type { PlatformClock } from "../contract/platform.ts";
import { errnoFromResult } from "../contract/results.ts";
import { type IoVectors, totalLength } from "../contract/vectors.ts";
import type { OpenFile } from "../core/fs/file.ts";
import { storeDirents } from "./dirent.ts";
import { WasiSignal } from "../core/guest/exit.ts";
import { type OffsetResult, PREOPEN_SOCKET, type Prestat, storeCount, type U32Result } from "./results.ts";
import { rightsFromGuest } from "./rights.ts";
import type { SystemContext } from "./system_context.ts";
import { readTimes, type RequestedTimes } from "./times.ts";
import { refusal } from "./unsupported.ts";

const SYNC_FLAGS = Fdflags.DSYNC | Fdflags.RSYNC | Fdflags.SYNC;

/**
 * The calls on descriptors. Errors of every call, not repeated below: `BADF` not open; `NOTCAPABLE` the right was given up. A
 * call that fails has no effect.
 */
export class FdCalls {
  readonly #table: FdTable;
  readonly #clock: PlatformClock;

  /** @param context What the parts of the system share. */
  constructor({ table, platform }: SystemContext) {
    this.#table = table;
    this.#clock = platform.clock;
  }

  /** Announces how a range of a file will be used. Errors: `INVAL` unknown advice; `SPIPE` a stream; `ISDIR`, `BADF` a directory. POSIX: posix_fadvise. */
  advise(fd: number, offset: bigint, len: bigint, advice: number): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if (advice > Advice.NOREUSE || offset < 0n || len < 0n) return Errno.INVAL;
    const { object, rightsBase } = descriptor;
    if (object.kind !== "file" || (rightsBase & Rights.FD_ADVISE) === 0) return refusal(object.kind, "advise");
    return errnoFromResult(object.advise(Number(offset), Number(len), advice));
  }

  /** Reserves room for a range; the file grows if it must. Errors: `INVAL` len is 0; `FBIG`; `NOSPC`; `SPIPE` a stream; `BADF` a directory, or not open for writing. POSIX: posix_fallocate. */
  allocate(fd: number, offset: bigint, len: bigint): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if (offset < 0n || len <= 0n) return Errno.INVAL;
    if (offset + len > Number.MAX_SAFE_INTEGER) return Errno.FBIG;
    const { object, rightsBase } = descriptor;
    if (object.kind !== "file" || (rightsBase & Rights.FD_ALLOCATE) === 0) return refusal(object.kind, "allocate");
    return errnoFromResult(object.allocate(Number(offset), Number(len)));
  }

  /** Closes a descriptor, including preopens. POSIX: close. */
  close(fd: number): Errno {
    const descriptor = this.#table.remove(fd);
    return descriptor === undefined ? Errno.BADF : errnoFromResult(descriptor.object.close());
  }

  /** Writes data to the disk. Errors: `INVAL` a stream; `IO`. POSIX: fdatasync. */
  datasync(fd: number): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const { object, rightsBase } = descriptor;
    const supported = object.kind === "file" || object.kind === "directory";
    if (!supported || (rightsBase & Rights.FD_DATASYNC) === 0) return refusal(object.kind, "sync");
    return errnoFromResult(object.syncData());
  }

  /** Stores the attributes of a descriptor. POSIX: fcntl(F_GETFL). */
  fdstatGet(fd: number, out: Fdstat): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    out.fsFiletype = descriptor.object.filetype;
    out.fsFlags = descriptor.flags;
    out.fsRightsBase = descriptor.rightsBase;
    out.fsRightsInheriting = descriptor.rightsInheriting;
    return Errno.SUCCESS;
  }

  /** Sets `Fdflags`. Errors: `INVAL` unknown bits; `NOTSUP` DSYNC, RSYNC or SYNC would change. POSIX: fcntl(F_SETFL). */
  fdstatSetFlags(fd: number, flags: number): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((flags & ~FDFLAGS_ALL) !== 0) return Errno.INVAL;
    if ((descriptor.rightsBase & Rights.FD_FDSTAT_SET_FLAGS) === 0) return Errno.NOTCAPABLE;
    const changed = flags ^ descriptor.flags;
    if ((changed & SYNC_FLAGS) !== 0) return Errno.NOTSUP;
    const { object } = descriptor;
    if (object.kind === "file" && (changed & Fdflags.APPEND) !== 0) {
      const result = object.setAppend((flags & Fdflags.APPEND) !== 0);
      if (result < 0) return errnoFromResult(result);
    }
    descriptor.flags = flags;
    return Errno.SUCCESS;
  }

  /** Gives up rights. Errors: `NOTCAPABLE` a right would be added. */
  fdstatSetRights(fd: number, fsRightsBase: bigint, fsRightsInheriting: bigint): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const base = rightsFromGuest(fsRightsBase);
    const inheriting = rightsFromGuest(fsRightsInheriting);
    const unknown = (fsRightsBase | fsRightsInheriting) & ~BigInt(RIGHTS_ALL);
    if (unknown !== 0n || (base & ~descriptor.rightsBase) !== 0 || (inheriting & ~descriptor.rightsInheriting) !== 0) {
      return Errno.NOTCAPABLE;
    }
    descriptor.rightsBase = base;
    descriptor.rightsInheriting = inheriting;
    return Errno.SUCCESS;
  }

  /** Stores the attributes of the open file. POSIX: fstat. */
  filestatGet(fd: number, out: Filestat): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if ((descriptor.rightsBase & Rights.FD_FILESTAT_GET) === 0) return Errno.NOTCAPABLE;
    return errnoFromResult(descriptor.object.stat(out));
  }

  /** Truncates a file, or extends it with zeros. Errors: `INVAL` not open for writing; `ISDIR`; `FBIG`; `NOSPC`. POSIX: ftruncate. */
  filestatSetSize(fd: number, size: bigint): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    if (size < 0n) return Errno.INVAL;
    if (size > Number.MAX_SAFE_INTEGER) return Errno.FBIG;
    const { object, rightsBase } = descriptor;
    const may = (rightsBase & Rights.FD_FILESTAT_SET_SIZE) !== 0;
    if (object.kind !== "file" || !may) return refusal(object.kind, "setSize");
    return errnoFromResult(object.setSize(Number(size)));
  }

  /** Sets the times (ns). Errors: `INVAL` contradictory flags; `NOTSUP` a stream. POSIX: futimens. */
  filestatSetTimes(fd: number, atim: bigint, mtim: bigint, fstFlags: number): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const { object, rightsBase } = descriptor;
    const supported = object.kind === "file" || object.kind === "directory";
    if (!supported || (rightsBase & Rights.FD_FILESTAT_SET_TIMES) === 0) return refusal(object.kind, "setTimes");
    const times: RequestedTimes = { atim: undefined, mtim: undefined };
    const errno = readTimes(this.#clock, atim, mtim, fstFlags, times);
    if (errno !== Errno.SUCCESS) return errno;
    return errnoFromResult(object.setTimes(times.atim, times.mtim));
  }

  /**
   * Reads at an offset, without using or moving the descriptor's own.
   *
   * @param iovs Filled in order.
   * @param offset Bytes from the start: an i64 as a float64, which is exact below 2^53.
   * @param out Bytes read, 0 at the end.
   *
   * Errors: `BADF` not open for reading; `SPIPE` a stream; `ISDIR` a directory; `INVAL` offset below 0. POSIX: preadv.
   */
  pread(fd: number, iovs: IoVectors, offset: number, out: U32Result): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const { object, rightsBase } = descriptor;
    if ((rightsBase & Rights.FD_READ) === 0) return refusal(object.kind, "pread", Errno.BADF);
    if ((rightsBase & Rights.FD_SEEK) === 0) return refusal(object.kind, "pread");
    if (offset < 0) return Errno.INVAL;
    if (object.kind !== "file") return refusal(object.kind, "pread");
    return storeCount(object.readAt(iovs, Math.min(offset, Number.MAX_SAFE_INTEGER)), out);
  }

  /** Stores the attributes of a preopen. Errors: `BADF` also for a descriptor that is not a preopen. */
  prestatGet(fd: number, out: Prestat): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor?.preopenName === undefined) return Errno.BADF;
    out.name = descriptor.preopenName;
    out.tag = descriptor.object.kind === "socket" ? PREOPEN_SOCKET : Preopentype.DIR;
    return Errno.SUCCESS;
  }

  /** Writes at an offset. Errors: `BADF` not open for writing, or a directory; otherwise as {@linkcode FdCalls.pread}. POSIX: pwritev. */
  pwrite(fd: number, iovs: IoVectors, offset: number, out: U32Result): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const { object, rightsBase } = descriptor;
    if ((rightsBase & Rights.FD_WRITE) === 0) return refusal(object.kind, "pwrite", Errno.BADF);
    if ((rightsBase & Rights.FD_SEEK) === 0) return refusal(object.kind, "pwrite");
    if (offset < 0) return Errno.INVAL;
    if (offset > Number.MAX_SAFE_INTEGER) return Errno.FBIG;
    if (object.kind !== "file") return refusal(object.kind, "pwrite");
    return storeCount(object.writeAt(iovs, offset), out);
  }

  /** Reads at the descriptor's offset and advances it. Errors: `AGAIN` no data yet; `BADF` not open for reading; `ISDIR`. POSIX: readv. */
  read(fd: number, iovs: IoVectors, out: U32Result): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const { object, rightsBase } = descriptor;
    if (object.kind === "directory" || (rightsBase & Rights.FD_READ) === 0) {
      return refusal(object.kind, "read", Errno.BADF);
    }
    return storeCount(object.read(iovs), out);
  }

  /**
   * Reads directory entries as `dirent` records.
   *
   * @param bytes The buffer, from `start` on, `length` bytes.
   * @param cookie Where to continue (u64): 0, or a `d_next` of an earlier call.
   * @param out Bytes stored; less than `length` at the end of the directory.
   *
   * Errors: `NOTDIR`; `INVAL` a cookie above 2^63. POSIX: getdents.
   */
  readdir(fd: number, bytes: Uint8Array, start: number, length: number, cookie: bigint, out: U32Result): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const { object, rightsBase } = descriptor;
    if (object.kind !== "directory" || (rightsBase & Rights.FD_READDIR) === 0) return refusal(object.kind, "readdir");
    if (cookie < 0n) return Errno.INVAL;
    const entries = object.entriesFrom(Number(cookie));
    if (typeof entries === "number") return errnoFromResult(entries);
    out.value = storeDirents(entries, bytes, start, length);
    return Errno.SUCCESS;
  }

  /** Closes `to` and gives its number to `fd`. Both must be open; equal numbers change nothing. POSIX: dup2 and close. */
  renumber(fd: number, to: number): Errno {
    if (this.#table.get(fd) === undefined || this.#table.get(to) === undefined) return Errno.BADF;
    if (fd === to) return Errno.SUCCESS;
    this.#table.renumber(fd, to)?.object.close();
    return Errno.SUCCESS;
  }

  /** Moves the offset (`whence`: SET, CUR, END); `offset` as for {@linkcode FdCalls.pread}. Errors: `SPIPE` a stream; `INVAL` result below 0; `ISDIR`. POSIX: lseek. */
  seek(fd: number, offset: number, whence: number, out: OffsetResult): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const tells = whence === Whence.CUR && offset === 0;
    const right = tells ? Rights.FD_SEEK | Rights.FD_TELL : Rights.FD_SEEK;
    const { object, rightsBase } = descriptor;
    if (object.kind !== "file" || (rightsBase & right) === 0) return refusal(object.kind, "seek");
    const base = baseOf(object, whence);
    const result = base < 0 ? base : object.seek(base + offset);
    if (result < 0) return errnoFromResult(result);
    out.offset = result;
    return Errno.SUCCESS;
  }

  /** Writes data and attributes to the disk. Errors: `INVAL` a stream. POSIX: fsync. */
  sync(fd: number): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const { object, rightsBase } = descriptor;
    const supported = object.kind === "file" || object.kind === "directory";
    if (!supported || (rightsBase & Rights.FD_SYNC) === 0) return refusal(object.kind, "sync");
    return errnoFromResult(object.sync());
  }

  /** Stores the offset. Errors: `SPIPE` a stream. POSIX: lseek(fd, 0, SEEK_CUR). */
  tell(fd: number, out: OffsetResult): Errno {
    return this.seek(fd, 0, Whence.CUR, out);
  }

  /** Writes at the descriptor's offset and advances it. Errors: `AGAIN` no room yet; `BADF` not open for writing, or a directory; `PIPE`; `NOSPC`; `FBIG`. POSIX: writev. */
  write(fd: number, iovs: IoVectors, out: U32Result): Errno {
    const descriptor = this.#table.get(fd);
    if (descriptor === undefined) return Errno.BADF;
    const { object, rightsBase } = descriptor;
    if (object.kind === "directory" || (rightsBase & Rights.FD_WRITE) === 0) {
      return refusal(object.kind, "write", Errno.BADF);
    }
    const errno = storeCount(object.write(iovs), out);
    if (errno === Errno.SUCCESS || errno === Errno.AGAIN) return errno;
    if (errno === Errno.PIPE && descriptor.raisesPipe) throw new WasiSignal(Signal.PIPE);
    if (!descriptor.unfailing) return errno;
    out.value = totalLength(iovs);
    return Errno.SUCCESS;
  }
}

/** The base of an offset, or minus an errno. */
function baseOf(file: OpenFile, whence: number): number {
  switch (whence) {
    case Whence.SET:
      return 0;
    case Whence.CUR:
      return file.offset;
    case Whence.END:
      return file.size();
    default:
      return -Errno.INVAL;
  }
}
