/** Regular files by `node:fs`, for Node and Bun. */

import fs from "node:fs";
import { Errno } from "../../witx/errno.ts";
import type { Filestat } from "../../witx/types.ts";
import type { PlatformFile } from "../../contract/platform.ts";
import type { DeviceCalls } from "../shared/fs/device.ts";
import { attempt, failureFromError } from "../shared/errors.ts";
import { filetypeOf } from "../shared/fs/filetypes.ts";
import { storeNodeStats } from "../shared/fs/stats.ts";
import { preciseTimes } from "../shared/fs/precise_times.ts";

const WITH_BIGINT = { bigint: true } as const;

/** Copy attributes. */
export function storeStats(stats: fs.BigIntStats, out: Filestat): number {
  return storeNodeStats(stats, filetypeOf(Number(stats.mode)), out);
}

/** fstat(2). */
export function fstatInto(fd: number, out: Filestat): number {
  try {
    return storeStats(fs.fstatSync(fd, WITH_BIGINT), out);
  } catch (error) {
    return failureFromError(error);
  }
}

/** `node:fs`, for devices. */
export const NODE_DEVICE_CALLS: DeviceCalls = {
  readSync: fs.readSync,
  writeSync: fs.writeSync,
  closeSync: fs.closeSync,
  fstat: fstatInto,
};

/** Time in seconds, as `node:fs` takes it: a float64, which is exact to about 240 ns. */
export function toSeconds(ns: bigint): number {
  return Number(ns / 1_000_000_000n) + Number(ns % 1_000_000_000n) / 1e9;
}

/** An open regular file. */
export class NodeFile implements PlatformFile {
  readonly kind = "file";
  #fd: number;
  readonly #flags: number;
  #appends: boolean;

  /**
   * @param fd Descriptor of the process; closed with this object.
   * @param flags Flags of open(2) that it was opened with.
   */
  constructor(fd: number, flags: number) {
    this.#fd = fd;
    this.#flags = flags;
    this.#appends = (flags & fs.constants.O_APPEND) !== 0;
  }

  /** `node:fs` calls the number of a closed file an argument out of range. */
  #failure(error: unknown): number {
    return this.#fd < 0 ? -Errno.BADF : failureFromError(error);
  }

  #attempt(call: () => void): number {
    try {
      call();
      return 0;
    } catch (error) {
      return this.#failure(error);
    }
  }

  pread(bytes: Uint8Array, start: number, length: number, offset: number): number {
    if (length === 0) return this.#fd < 0 ? -Errno.BADF : 0;
    try {
      return fs.readSync(this.#fd, bytes, start, length, offset);
    } catch (error) {
      // Where no file of this kind can have a byte, there is none.
      return offset > MAX_OFFSET ? 0 : this.#failure(error);
    }
  }

  pwrite(bytes: Uint8Array, start: number, length: number, offset: number): number {
    try {
      return fs.writeSync(this.#fd, bytes, start, length, offset);
    } catch (error) {
      return this.#failure(error);
    }
  }

  append(bytes: Uint8Array, start: number, length: number): number {
    try {
      return fs.writeSync(this.#fd, bytes, start, length, this.#appends ? null : fs.fstatSync(this.#fd).size);
    } catch (error) {
      return this.#failure(error);
    }
  }

  /**
   * O_APPEND can't be changed here without fcntl(2). A file that was opened without it appends at the size that it has
   * at the moment; one that was opened with it is opened again without, by its descriptor, where /proc allows that.
   */
  setAppend(on: boolean): number {
    if (on || !this.#appends) return 0;
    const { O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_NOFOLLOW } = fs.constants;
    try {
      const flags = this.#flags & ~(O_CREAT | O_EXCL | O_TRUNC | O_APPEND | O_NOFOLLOW);
      const replaced = this.#fd;
      this.#fd = fs.openSync(`/proc/self/fd/${replaced}`, flags);
      this.#appends = false;
      fs.closeSync(replaced);
      return 0;
    } catch {
      return -Errno.NOTSUP;
    }
  }

  size(): number {
    try {
      return fs.fstatSync(this.#fd).size;
    } catch (error) {
      return this.#failure(error);
    }
  }

  fstat(out: Filestat): number {
    return this.#fd < 0 ? -Errno.BADF : fstatInto(this.#fd, out);
  }

  ftruncate(size: number): number {
    if (size > MAX_OFFSET) return -Errno.FBIG;
    return this.#attempt(() => fs.ftruncateSync(this.#fd, size));
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    if (atim === undefined && mtim === undefined) return 0;
    if (preciseTimes()?.setOfFile(this.#fd, atim, mtim) === true) return 0;
    return this.#attempt(() => {
      const now = atim === undefined || mtim === undefined ? fs.fstatSync(this.#fd, WITH_BIGINT) : undefined;
      fs.futimesSync(this.#fd, toSeconds(atim ?? now!.atimeNs), toSeconds(mtim ?? now!.mtimeNs));
    });
  }

  fsync(): number {
    return this.#attempt(() => fs.fsyncSync(this.#fd));
  }

  fdatasync(): number {
    return this.#attempt(() => fs.fdatasyncSync(this.#fd));
  }

  fadvise(): number {
    return 0;
  }

  /** Without posix_fallocate(3) the file grows, but room on the disk is not taken before it is written. */
  fallocate(offset: number, length: number): number {
    if ((this.#flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) === 0) return -Errno.BADF;
    const size = this.size();
    if (size < 0 || size >= offset + length) return Math.min(size, 0);
    return this.ftruncate(offset + length);
  }

  close(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return fd < 0 ? -Errno.BADF : attempt(() => fs.closeSync(fd));
  }
}

/** The largest size that `node:fs` takes, and most file systems have. */
const MAX_OFFSET = 2 ** 43;
