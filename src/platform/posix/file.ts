/** An open regular file. */

import { Errno } from "../../witx/errno.ts";
import type { Filestat } from "../../witx/types.ts";
import type { PlatformFile } from "../../core/platform.ts";
import type { IoVectors } from "../../core/vectors.ts";
import type { Host } from "./host.ts";

/** The largest offset and size that are exact numbers. */
const MAX_SIZE = Number.MAX_SAFE_INTEGER;

/** A regular file, by its descriptor. */
export class PosixFile implements PlatformFile {
  readonly kind = "file";
  readonly #host: Host;
  #fd: number;
  /** Where the descriptor itself stands, or -1 where that is not known or of no use. */
  #position: number;
  /** Where the last transfer at an offset ended: one that begins there is the second of a sequence. */
  #next = -1;

  /**
   * @param host The system's calls.
   * @param fd Descriptor; closed with this object.
   */
  constructor(host: Host, fd: number) {
    this.#host = host;
    this.#fd = fd;
    this.#position = host.transfers.prefersSequence ? 0 : -1;
  }

  pread(bytes: Uint8Array, start: number, length: number, offset: number): number {
    const { transfers } = this.#host;
    if (this.#standsAt(offset)) return this.#advance(transfers.read(this.#fd, bytes, start, length));
    const moved = transfers.pread(this.#fd, bytes, start, length, offset);
    this.#next = offset + moved;
    return moved;
  }

  pwrite(bytes: Uint8Array, start: number, length: number, offset: number): number {
    const { transfers } = this.#host;
    if (this.#standsAt(offset)) return this.#advance(transfers.write(this.#fd, bytes, start, length));
    const moved = transfers.pwrite(this.#fd, bytes, start, length, offset);
    this.#next = offset + moved;
    return moved;
  }

  /** True if the descriptor stands at an offset; it is taken there for a sequence of transfers. */
  #standsAt(offset: number): boolean {
    if (offset === this.#position) return true;
    if (offset !== this.#next || this.#position < 0) return false;
    const { transfers } = this.#host;
    if (transfers.seek(this.#fd, offset) < 0) return false;
    this.#position = offset;
    return true;
  }

  #advance(moved: number): number {
    if (moved > 0) this.#position += moved;
    return moved;
  }

  preadv(iovs: IoVectors, offset: number): number {
    return this.#host.transfers.preadv(this.#fd, iovs, offset);
  }

  pwritev(iovs: IoVectors, offset: number): number {
    return this.#host.transfers.pwritev(this.#fd, iovs, offset);
  }

  append(bytes: Uint8Array, start: number, length: number): number {
    this.#position = -1;
    return this.#host.transfers.write(this.#fd, bytes, start, length);
  }

  appendv(iovs: IoVectors): number {
    this.#position = -1;
    return this.#host.transfers.writev(this.#fd, iovs);
  }

  setAppend(on: boolean): number {
    this.#position = -1;
    return this.#host.descriptors.setStatusFlag(this.#fd, this.#host.libc.target.open.O_APPEND, on);
  }

  size(): number {
    const result = this.#host.descriptors.fstat(this.#fd);
    return result < 0 ? result : this.#host.descriptors.stat.size();
  }

  fstat(out: Filestat): number {
    return this.#host.descriptors.fstatInto(this.#fd, out);
  }

  ftruncate(size: number): number {
    return size > MAX_SIZE ? -Errno.FBIG : this.#host.descriptors.ftruncate(this.#fd, size);
  }

  futimens(atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#host.descriptors.futimens(this.#fd, atim, mtim);
  }

  fsync(): number {
    return this.#host.descriptors.fsync(this.#fd);
  }

  fdatasync(): number {
    return this.#host.descriptors.fdatasync(this.#fd);
  }

  fadvise(offset: number, length: number, advice: number): number {
    return this.#host.descriptors.fadvise(this.#fd, offset, length, advice);
  }

  fallocate(offset: number, length: number): number {
    return this.#host.descriptors.fallocate(this.#fd, offset, length);
  }

  close(): number {
    const fd = this.#fd;
    this.#fd = -1;
    return this.#host.descriptors.close(fd);
  }
}
