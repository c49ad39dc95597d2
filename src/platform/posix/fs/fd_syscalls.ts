/** Calls with the number of an open file or directory, but for reading and writing. */

import { Errno } from "../../../witx/errno.ts";
import type { Filestat, Filetype } from "../../../witx/types.ts";
import type { Region } from "../ffi/arena.ts";
import type { ForeignCall, ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";
import { StatBuffer } from "./stat.ts";
import { variadic, variadicCall } from "../ffi/variadic.ts";

const FUNCTIONS = {
  close: { parameters: ["i32"], result: "i32" },
  fstat: { parameters: ["i32", "address"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** Those that few guests use. */
const RARE = {
  ftruncate: { parameters: ["i32", "i64"], result: "i32" },
  fsync: { parameters: ["i32"], result: "i32" },
  fdatasync: { parameters: ["i32"], result: "i32" },
  futimens: { parameters: ["i32", "address"], result: "i32" },
  isatty: { parameters: ["i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

const LINUX = {
  posix_fallocate: { parameters: ["i32", "i64", "i64"], result: "i32" },
  posix_fadvise: { parameters: ["i32", "i64", "i64", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** POSIX_FADV_NORMAL and so on by `Advice`: RANDOM and SEQUENTIAL change places. Source: linux/fadvise.h. */
const ADVICE = [0, 2, 1, 3, 4, 5];

const NS = 1_000_000_000n;

/** An offset behind the end of most files, where there is nothing to be read ahead. */
const FAR = 2 ** 31 - 1;

/** The calls: 0 or more, or minus an errno. */
export class FdSyscalls {
  /** Filled by {@linkcode FdSyscalls.fstat}. */
  readonly stat: StatBuffer;
  readonly #libc: Libc;
  readonly #calls: ForeignCalls<keyof typeof FUNCTIONS>;
  #rare: ForeignCalls<keyof typeof RARE> | undefined;
  #linux: ForeignCalls<keyof typeof LINUX> | undefined;
  #fcntl: ForeignCall | undefined;
  #readahead: ForeignCall | undefined;
  #ioctl: ForeignCall | undefined;
  #count: Region | undefined;
  #times: Region | undefined;

  /** @param libc The C library. */
  constructor(libc: Libc) {
    this.#libc = libc;
    this.#calls = libc.open(FUNCTIONS);
    this.stat = new StatBuffer(libc);
  }

  get #others(): ForeignCalls<keyof typeof RARE> {
    return this.#rare ??= this.#libc.open(RARE);
  }

  /** close(2). */
  close(fd: number): number {
    return this.#libc.result(this.#calls.close(fd));
  }

  /** fstat(2) into {@linkcode FdSyscalls.stat}. */
  fstat(fd: number): number {
    return this.#libc.result(this.#calls.fstat(fd, this.stat.region.address));
  }

  /** fstat(2). */
  fstatInto(fd: number, out: Filestat): number {
    const result = this.fstat(fd);
    if (result >= 0) this.stat.store(out);
    return result;
  }

  /** Type of an open file, or minus an errno. */
  filetype(fd: number): Filetype | number {
    const result = this.fstat(fd);
    return result < 0 ? result : this.stat.filetype();
  }

  /**
   * True for a regular file that is open for reading, on most file systems: readahead(2) serves no other kind but block
   * devices, which are read and written as files are, and costs a third of fstat(2).
   */
  isPlainFile(fd: number): boolean {
    if (this.#libc.target.os !== "linux") return false;
    this.#readahead ??= this.#libc.open({
      readahead: { parameters: ["i32", "i32", "i32"], result: "i32" },
    }).readahead;
    return this.#readahead(fd, FAR, 1) === 0;
  }

  /** Bytes that can be read (FIONREAD), or 0 where that is not known. */
  readableBytes(fd: number): number {
    const libc = this.#libc;
    this.#count ??= libc.arena.allocate(4);
    this.#ioctl ??= this.#openIoctl();
    const { i32, address } = this.#count;
    i32[0] = 0;
    return this.#ioctl(fd, libc.target.socket.FIONREAD, address) < 0 ? 0 : i32[0];
  }

  #openIoctl(): ForeignCall {
    const { target } = this.#libc;
    const { ioctl } = this.#libc.open({ ioctl: variadic(target, ["i32", "i32"], "address") });
    return variadicCall(target, 2, ioctl);
  }

  /** isatty(3). */
  isatty(fd: number): boolean {
    return this.#others.isatty(fd) === 1;
  }

  /** ftruncate(2). */
  ftruncate(fd: number, size: number): number {
    return this.#libc.result(this.#others.ftruncate(fd, this.#libc.ffi.i64(size)));
  }

  /** fsync(2). */
  fsync(fd: number): number {
    return this.#libc.result(this.#others.fsync(fd));
  }

  /** fdatasync(2). */
  fdatasync(fd: number): number {
    return this.#libc.result(this.#others.fdatasync(fd));
  }

  /** futimens(3); undefined leaves a time. */
  futimens(fd: number, atim: bigint | undefined, mtim: bigint | undefined): number {
    return this.#libc.result(this.#others.futimens(fd, this.timespecs(atim, mtim).address));
  }

  /** Two `timespec`s for futimens(3) and utimensat(2). */
  timespecs(atim: bigint | undefined, mtim: bigint | undefined): Region {
    this.#times ??= this.#libc.arena.allocate(32);
    const { buffer, byteOffset } = this.#times.u8;
    const view = new DataView(buffer, byteOffset, 32);
    for (const [i, ns] of [atim, mtim].entries()) {
      view.setBigInt64(i * 16, ns === undefined ? 0n : ns / NS, true);
      view.setBigInt64(i * 16 + 8, ns === undefined ? BigInt(this.#libc.target.UTIME_OMIT) : ns % NS, true);
    }
    return this.#times;
  }

  /** posix_fallocate(3); without it the file just grows. */
  fallocate(fd: number, offset: number, length: number): number {
    if (this.#libc.target.os === "darwin") return this.#grow(fd, offset + length);
    const { posix_fallocate } = this.#onLinux;
    const { i64 } = this.#libc.ffi;
    for (;;) {
      const result = this.#libc.failureOf(posix_fallocate(fd, i64(offset), i64(length)));
      if (result !== -Errno.INTR) return result;
    }
  }

  #grow(fd: number, size: number): number {
    const result = this.fstat(fd);
    return result < 0 || this.stat.size() >= size ? result : this.ftruncate(fd, size);
  }

  /** posix_fadvise(2); without it advice is not taken. */
  fadvise(fd: number, offset: number, length: number, advice: number): number {
    if (this.#libc.target.os === "darwin") return 0;
    const { i64 } = this.#libc.ffi;
    return this.#libc.failureOf(this.#onLinux.posix_fadvise(fd, i64(offset), i64(length), ADVICE[advice]!));
  }

  get #onLinux(): ForeignCalls<keyof typeof LINUX> {
    return this.#linux ??= this.#libc.open(LINUX);
  }

  /** Set a flag of the open file: `O_APPEND`, `O_NONBLOCK`. */
  setStatusFlag(fd: number, flag: number): number {
    const flags = this.fcntl(fd, this.#libc.target.F_GETFL, 0);
    return flags < 0 ? flags : this.fcntl(fd, this.#libc.target.F_SETFL, flags | flag);
  }

  /** Clear a flag of the open file. */
  clearStatusFlag(fd: number, flag: number): number {
    const flags = this.fcntl(fd, this.#libc.target.F_GETFL, 0);
    return flags < 0 ? flags : this.fcntl(fd, this.#libc.target.F_SETFL, flags & ~flag);
  }

  /** fcntl(2) with a number. */
  fcntl(fd: number, command: number, argument: number): number {
    this.#fcntl ??= this.#openFcntl();
    return this.#libc.result(this.#fcntl(fd, command, argument));
  }

  #openFcntl(): ForeignCall {
    const { target } = this.#libc;
    const { fcntl } = this.#libc.open({ fcntl: variadic(target, ["i32", "i32"]) });
    return variadicCall(target, 2, fcntl);
  }
}
