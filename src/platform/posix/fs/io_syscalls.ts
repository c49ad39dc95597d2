/** Reading and writing of descriptors: one piece or many, at an offset or where the descriptor stands. */

import { Errno } from "../../../witx/errno.ts";
import type { IoVectors } from "../../../contract/vectors.ts";
import type { ForeignCall, ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Iovecs } from "./iovecs.ts";
import type { Libc } from "../ffi/libc.ts";
import { type BufferIo, bufferIo } from "./buffer_io.ts";

/** Offsets below this go as `i32` parameters. */
const WIDE = 2 ** 31;

/** Bytes that one call moves at most, as on Linux (MAX_RW_COUNT); a longer piece is no `i32`. */
const MAX_BYTES = 0x7fff_f000;

const FUNCTIONS = {
  readv: { parameters: ["i32", "address", "i32"], result: "i32" },
  writev: { parameters: ["i32", "address", "i32"], result: "i32" },
  preadv: { parameters: ["i32", "address", "i32", "i32"], result: "i32" },
  pwritev: { parameters: ["i32", "address", "i32", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** For offsets of 2 GiB and more. */
const WIDE_FUNCTIONS = {
  preadvWide: { symbol: "preadv", parameters: ["i32", "address", "i32", "i64"], result: "i32" },
  pwritevWide: { symbol: "pwritev", parameters: ["i32", "address", "i32", "i64"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/**
 * The calls do not allocate. All return a number of bytes, or minus an errno; those that a signal interrupted
 * are made again.
 */
export class IoSyscalls {
  readonly #libc: Libc;
  readonly #iovecs: Iovecs;
  readonly #bufferIo: BufferIo;
  #seek: ForeignCall | undefined;
  #vectored: ForeignCalls<keyof typeof FUNCTIONS> | undefined;
  #wide: ForeignCalls<keyof typeof WIDE_FUNCTIONS> | undefined;

  /**
   * @param libc The C library.
   * @param iovecs Room for the pieces.
   */
  constructor(libc: Libc, iovecs: Iovecs) {
    this.#libc = libc;
    this.#iovecs = iovecs;
    this.#bufferIo = bufferIo(libc, iovecs);
  }

  get #calls(): ForeignCalls<keyof typeof FUNCTIONS> {
    return this.#vectored ??= this.#libc.open(FUNCTIONS);
  }

  get #wideCalls(): ForeignCalls<keyof typeof WIDE_FUNCTIONS> {
    return this.#wide ??= this.#libc.open(WIDE_FUNCTIONS);
  }

  /** True if read(2) and write(2) are faster than calls with an offset. */
  get prefersSequence(): boolean {
    return this.#libc.ffi.pread !== undefined;
  }

  /** Let a descriptor stand at an offset below 2^31 (lseek(2)); others are out of range. */
  seek(fd: number, offset: number): number {
    if (offset >= WIDE) return -Errno.OVERFLOW;
    this.#seek ??= this.#libc.open({ lseek: { parameters: ["i32", "i32", "i32"], result: "i32" } }).lseek;
    return this.#libc.result(this.#seek(fd, offset, 0));
  }

  /** pread(2). */
  pread(fd: number, bytes: Uint8Array, start: number, length: number, offset: number): number {
    if (length > MAX_BYTES) length = MAX_BYTES;
    const { pread } = this.#libc.ffi;
    if (pread !== undefined) return pread(fd, bytes, start, length, offset);
    if (offset < WIDE) return this.#libc.result(this.#bufferIo.pread(fd, bytes, start, length, offset));
    this.#iovecs.storeOne(bytes, start, length);
    return this.#preadv(fd, 1, offset);
  }

  /** pwrite(2). */
  pwrite(fd: number, bytes: Uint8Array, start: number, length: number, offset: number): number {
    if (length > MAX_BYTES) length = MAX_BYTES;
    if (offset < WIDE) return this.#libc.result(this.#bufferIo.pwrite(fd, bytes, start, length, offset));
    this.#iovecs.storeOne(bytes, start, length);
    return this.#pwritev(fd, 1, offset);
  }

  /** preadv(2). */
  preadv(fd: number, iovs: IoVectors, offset: number): number {
    return this.#preadv(fd, this.#iovecs.store(iovs), offset);
  }

  /** pwritev(2). */
  pwritev(fd: number, iovs: IoVectors, offset: number): number {
    return this.#pwritev(fd, this.#iovecs.store(iovs), offset);
  }

  /** read(2). */
  read(fd: number, bytes: Uint8Array, start: number, length: number): number {
    if (length > MAX_BYTES) length = MAX_BYTES;
    for (;;) {
      const result = this.#libc.result(this.#bufferIo.read(fd, bytes, start, length));
      if (result !== -Errno.INTR) return result;
    }
  }

  /** write(2). */
  write(fd: number, bytes: Uint8Array, start: number, length: number): number {
    if (length > MAX_BYTES) length = MAX_BYTES;
    for (;;) {
      const result = this.#libc.result(this.#bufferIo.write(fd, bytes, start, length));
      if (result !== -Errno.INTR) return result;
    }
  }

  /** readv(2). */
  readv(fd: number, iovs: IoVectors): number {
    const count = this.#iovecs.store(iovs);
    for (;;) {
      const result = this.#libc.result(this.#calls.readv(fd, this.#iovecs.address, count));
      if (result !== -Errno.INTR) return result;
    }
  }

  /** writev(2). */
  writev(fd: number, iovs: IoVectors): number {
    const count = this.#iovecs.store(iovs);
    for (;;) {
      const result = this.#libc.result(this.#calls.writev(fd, this.#iovecs.address, count));
      if (result !== -Errno.INTR) return result;
    }
  }

  #preadv(fd: number, count: number, offset: number): number {
    const { address } = this.#iovecs;
    return this.#libc.result(
      offset < WIDE
        ? this.#calls.preadv(fd, address, count, offset)
        : this.#wideCalls.preadvWide(fd, address, count, this.#libc.ffi.i64(offset)),
    );
  }

  #pwritev(fd: number, count: number, offset: number): number {
    const { address } = this.#iovecs;
    return this.#libc.result(
      offset < WIDE
        ? this.#calls.pwritev(fd, address, count, offset)
        : this.#wideCalls.pwritevWide(fd, address, count, this.#libc.ffi.i64(offset)),
    );
  }
}
