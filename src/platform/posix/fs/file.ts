/** An open regular file. */

import { Errno } from "../../../witx/errno.ts";
import type { Filestat } from "../../../witx/types.ts";
import type { PlatformFile } from "../../../contract/platform.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import type { Syscalls } from "../syscalls.ts";

/** The largest offset and size that are exact numbers. */
const MAX_SIZE = Number.MAX_SAFE_INTEGER;

/** A regular file, by its descriptor. */
export class PosixFile implements PlatformFile {
  readonly kind = "file";
  readonly #syscalls: Syscalls;
  #fd: number;
  /** Where the descriptor itself stands, or -1 where that is not known or of no use. */
  #position: number;
  /** Where the last transfer at an offset ended: one that begins there is the second of a sequence. */
  #next = -1;

  /**
   * @param syscalls The system's calls.
   * @param fd Descriptor; closed with this object.
   */
  constructor(syscalls: Syscalls, fd: number) {
    this.#syscalls = syscalls;
    this.#fd = fd;
    this.#position = syscalls.io.prefersSequence ? 0 : -1;
  }

  pread(bytes: Uint8Array, start: number, length: number, offset: number): number {
    const { io } = this.#syscalls;
    if (this.#standsAt(offset)) return this.#advance(io.read(this.#fd, bytes, start, length));
    const moved = io.pread(this.#fd, bytes, start, length, offset);
    this.#next = offset + moved;
    return moved;
  }

  pwrite(bytes: Uint8Array, start: number, length: number, offset: number): number {
    const { io } = this.#syscalls;
    if (this.#standsAt(offset)) return this.#advance(io.write(this.#fd, bytes, start, length));
    const moved = io.pwrite(this.#fd, bytes, start, length, offset);
    this.#next = offset + moved;
    return moved;
  }

  /** True if the descriptor stands at an offset; it is taken there for a sequence of io. */
  #standsAt(offset: number): boolean {
    if (offset === this.#position) return true;
    if (offset !== this.#next || this.#position < 0) return false;
    const { io } = this.#syscalls;
    if (io.seek(this.#fd, offset) < 0) return false;
    this.#position = offset;
    return true;
  }

  #advance(moved: number): number {
    if (moved > 0) this.#position += moved;
    return moved;
  }

  preadv(iovs: IoVectors, offset: number): number {
    return this.#syscalls.io.preadv(this.#fd, iovs, offset);
  }

  pwritev(iovs: IoVectors, offset: number): number {
    return this.#syscalls.io.pwritev(this.#fd, iovs, offset);
  }

  append(bytes: Uint8Array, start: number, length: number): number {
    this.#position = -1;
    return this.#syscalls.io.write(this.#fd, bytes, start, length);
  }

  appendv(iovs: IoVectors): number {
    this.#position = -1;
    return this.#syscalls.io.writev(this.#fd, iovs);
  }

  setAppend(on: boolean): number {
    this.#position = -1;
    const { fds, libc } = this.#syscalls;
    const { O_APPEND } = libc.target.open;
    return on ? fds.setStatusFlag(this.#fd, O_APPEND) : fds.clearStatusFlag(this.#fd, O_APPEND);
  }

  size(): number {
    const result = this.#syscalls.fds.fstat(this.#fd);
    return result < 0 ? result : this.#syscalls.fds.stat.size();
  }

  fstat(out: Filestat): number {
    return this.#syscalls.fds.fstatInto(this.#fd, out);
  }

  ftruncate(size: number): number {
    return size > MAX_SIZE ? -Errno.FBIG : this.#syscalls.fds.ftruncate(this.#fd, size);
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#syscalls.fds.futimens(this.#fd, atim, mtim);
  }

  fsync(): number {
    return this.#syscalls.fds.fsync(this.#fd);
  }

  fdatasync(): number {
    return this.#syscalls.fds.fdatasync(this.#fd);
  }

  fadvise(offset: number, length: number, advice: number): number {
    return this.#syscalls.fds.fadvise(this.#fd, offset, length, advice);
  }

  fallocate(offset: number, length: number): number {
    return this.#syscalls.fds.fallocate(this.#fd, offset, length);
  }

  close(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return this.#syscalls.fds.close(fd);
  }
}
