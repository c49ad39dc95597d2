/** Calls with a name in an open directory. */

import { Errno } from "../../../witx/errno.ts";
import { bytesOfText, textOfBytes } from "../../../text/byte_text.ts";
import type { Region } from "../ffi/arena.ts";
import type { FdSyscalls } from "./fd_syscalls.ts";
import type { ForeignCall, ForeignCalls, ForeignFunctions } from "../ffi/ffi.ts";
import type { Libc } from "../ffi/libc.ts";
import { variadic, variadicCall } from "../ffi/variadic.ts";
import type { Failure } from "../../../contract/results.ts";

/** Bytes of a path with its NUL, as on Linux (PATH_MAX). */
const PATH_BYTES = 4096;

/** Longer names are stored by the runtime. */
const SHORT = 64;

const FUNCTIONS = {
  fstatat: { parameters: ["i32", "address", "address", "i32"], result: "i32" },
  mkdirat: { parameters: ["i32", "address", "i32"], result: "i32" },
  unlinkat: { parameters: ["i32", "address", "i32"], result: "i32" },
  renameat: { parameters: ["i32", "address", "i32", "address"], result: "i32" },
  readlinkat: { parameters: ["i32", "address", "address", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

/** Those that few guests use. */
const RARE = {
  symlinkat: { parameters: ["address", "i32", "address"], result: "i32" },
  linkat: { parameters: ["i32", "address", "i32", "address", "i32"], result: "i32" },
  utimensat: { parameters: ["i32", "address", "address", "i32"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

const encoder = new TextEncoder();

/** The calls: 0 or more, or minus an errno. None follows a symbolic link that the name is. */
export class PathSyscalls {
  readonly #libc: Libc;
  readonly #fds: FdSyscalls;
  readonly #openat: ForeignCall;
  /** With a mode, which only a call that may create a file needs: one argument less is faster on some runtimes. */
  readonly #openatWithMode: ForeignCall;
  readonly #name: Region;
  #other: Region | undefined;
  #calls: ForeignCalls<keyof typeof FUNCTIONS> | undefined;
  #rare: ForeignCalls<keyof typeof RARE> | undefined;
  #syscall: ForeignCall | undefined;
  #how: Region | undefined;

  /**
   * @param libc The C library.
   * @param fds Its calls with fds.
   */
  constructor(libc: Libc, fds: FdSyscalls) {
    this.#libc = libc;
    this.#fds = fds;
    const fixed = ["i32", "address", "i32"] as const;
    const { openat, openatWithMode } = libc.open({
      openat: { parameters: fixed, result: "i32" },
      openatWithMode: { ...variadic(libc.target, fixed), symbol: "openat" },
    });
    this.#openat = openat;
    this.#openatWithMode = variadicCall(libc.target, 3, openatWithMode);
    this.#name = libc.arena.allocate(PATH_BYTES);
  }

  get #common(): ForeignCalls<keyof typeof FUNCTIONS> {
    return this.#calls ??= this.#libc.open(FUNCTIONS);
  }

  get #others(): ForeignCalls<keyof typeof RARE> {
    return this.#rare ??= this.#libc.open(RARE);
  }

  get #second(): Region {
    return this.#other ??= this.#libc.arena.allocate(PATH_BYTES);
  }

  /** openat(2), with a mode if it may create a file. A descriptor, or minus an errno. */
  openat(dirfd: number, name: string, flags: number, mode?: number): number {
    const failed = store(name, this.#name.u8);
    if (failed !== 0) return failed;
    const { address } = this.#name;
    for (;;) {
      const result = this.#libc.result(
        mode === undefined ? this.#openat(dirfd, address, flags) : this.#openatWithMode(dirfd, address, flags, mode),
      );
      if (result !== -Errno.INTR) return result;
    }
  }

  /**
   * openat2(2) that stays beneath the directory (Linux).
   *
   * @returns A descriptor; NOSYS where there is no such call; XDEV for a path that leads out.
   */
  openBeneath(dirfd: number, path: string, flags: number, mode: number = 0): number {
    const failed = store(path, this.#name.u8);
    if (failed !== 0) return failed;
    this.#syscall ??= this.#libc.open({
      syscall: { parameters: ["i32", "i32", "address", "address", "i32"], result: "i32" },
    }).syscall;
    this.#how ??= this.#libc.arena.allocate(OPEN_HOW_BYTES);
    this.#how.u32[0] = flags;
    this.#how.u32[2] = mode;
    this.#how.u32[4] = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (;;) {
      const result = this.#libc.result(
        this.#syscall(SYS_OPENAT2, dirfd, this.#name.address, this.#how.address, OPEN_HOW_BYTES),
      );
      if (result !== -Errno.INTR) return result;
    }
  }

  /** fstatat(2) into `FdSyscalls.stat`. */
  fstatat(dirfd: number, name: string): number {
    const failed = store(name, this.#name.u8);
    if (failed !== 0) return failed;
    const { AT_SYMLINK_NOFOLLOW } = this.#libc.target.at;
    const { address } = this.#fds.stat.region;
    return this.#libc.result(this.#common.fstatat(dirfd, this.#name.address, address, AT_SYMLINK_NOFOLLOW));
  }

  /** mkdirat(2). */
  mkdirat(dirfd: number, name: string, mode: number): number {
    const failed = store(name, this.#name.u8);
    if (failed !== 0) return failed;
    return this.#libc.result(this.#common.mkdirat(dirfd, this.#name.address, mode));
  }

  /** unlinkat(2), without any flag or with `AT_REMOVEDIR`. */
  unlinkat(dirfd: number, name: string, flags: number): number {
    const failed = store(name, this.#name.u8);
    if (failed !== 0) return failed;
    return this.#libc.result(this.#common.unlinkat(dirfd, this.#name.address, flags));
  }

  /** renameat(2). */
  renameat(dirfd: number, name: string, newDirfd: number, newName: string): number {
    const failed = store(name, this.#name.u8) || store(newName, this.#second.u8);
    if (failed !== 0) return failed;
    return this.#libc.result(this.#common.renameat(dirfd, this.#name.address, newDirfd, this.#second.address));
  }

  /** linkat(2). */
  linkat(dirfd: number, name: string, newDirfd: number, newName: string): number {
    const failed = store(name, this.#name.u8) || store(newName, this.#second.u8);
    if (failed !== 0) return failed;
    return this.#libc.result(this.#others.linkat(dirfd, this.#name.address, newDirfd, this.#second.address, 0));
  }

  /** symlinkat(2). */
  symlinkat(target: string, dirfd: number, name: string): number {
    const failed = store(target, this.#second.u8) || store(name, this.#name.u8);
    if (failed !== 0) return failed;
    return this.#libc.result(this.#others.symlinkat(this.#second.address, dirfd, this.#name.address));
  }

  /** readlinkat(2). The target, or minus an errno. */
  readlinkat(dirfd: number, name: string): string | Failure {
    const failed = store(name, this.#name.u8);
    if (failed !== 0) return failed;
    const { address, u8 } = this.#second;
    const result = this.#libc.result(this.#common.readlinkat(dirfd, this.#name.address, address, PATH_BYTES));
    return result < 0 ? result : textOfBytes(u8.subarray(0, result));
  }

  /** utimensat(2). */
  utimensat(dirfd: number, name: string, atim: bigint | undefined, mtim: bigint | undefined): number {
    const failed = store(name, this.#name.u8);
    if (failed !== 0) return failed;
    const { address } = this.#fds.timespecs(atim, mtim);
    const { AT_SYMLINK_NOFOLLOW } = this.#libc.target.at;
    return this.#libc.result(this.#others.utimensat(dirfd, this.#name.address, address, AT_SYMLINK_NOFOLLOW));
  }
}

/** Source: asm-generic/unistd.h and x86's table, which agree from 424 on; linux/openat2.h. */
const SYS_OPENAT2 = 437;
const OPEN_HOW_BYTES = 24;
const RESOLVE_NO_MAGICLINKS = 2;
const RESOLVE_BENEATH = 8;

/** Store a name and a NUL. @returns 0, or minus an errno: NAMETOOLONG, or ILSEQ for a text that stands for no bytes. */
function store(name: string, bytes: Uint8Array): number {
  if (name.length <= SHORT && storeAscii(name, bytes)) return 0;
  if (name.length >= PATH_BYTES) return -Errno.NAMETOOLONG;
  return name.isWellFormed() ? storeText(name, bytes) : storeBytes(name, bytes);
}

function storeText(name: string, bytes: Uint8Array): number {
  const { read, written } = encoder.encodeInto(name, bytes.subarray(0, PATH_BYTES - 1));
  bytes[written] = 0;
  return read === name.length ? 0 : -Errno.NAMETOOLONG;
}

function storeBytes(name: string, bytes: Uint8Array): number {
  const encoded = bytesOfText(name);
  if (encoded === undefined) return -Errno.ILSEQ;
  if (encoded.length >= PATH_BYTES) return -Errno.NAMETOOLONG;
  bytes.set(encoded);
  bytes[encoded.length] = 0;
  return 0;
}

function storeAscii(name: string, bytes: Uint8Array): boolean {
  const { length } = name;
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    if (code > 127) return false;
    bytes[i] = code;
  }
  bytes[length] = 0;
  return true;
}
