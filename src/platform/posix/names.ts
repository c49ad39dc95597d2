/** Calls with a name in an open directory. */

import { Errno } from "../../witx/errno.ts";
import type { Region } from "./arena.ts";
import type { Descriptors } from "./descriptors.ts";
import type { ForeignCall, ForeignCalls, ForeignFunctions } from "./ffi.ts";
import type { Libc } from "./libc.ts";
import { variadic, variadicCall } from "./variadic.ts";

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
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** The calls: 0 or more, or minus an errno. None follows a symbolic link that the name is. */
export class Names {
  readonly #libc: Libc;
  readonly #descriptors: Descriptors;
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
   * @param descriptors Its calls with descriptors.
   */
  constructor(libc: Libc, descriptors: Descriptors) {
    this.#libc = libc;
    this.#descriptors = descriptors;
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
    if (!store(name, this.#name.u8)) return -Errno.NAMETOOLONG;
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
    if (!store(path, this.#name.u8)) return -Errno.NAMETOOLONG;
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

  /** fstatat(2) into `Descriptors.stat`. */
  fstatat(dirfd: number, name: string): number {
    if (!store(name, this.#name.u8)) return -Errno.NAMETOOLONG;
    const { AT_SYMLINK_NOFOLLOW } = this.#libc.target.at;
    const { address } = this.#descriptors.stat.region;
    return this.#libc.result(this.#common.fstatat(dirfd, this.#name.address, address, AT_SYMLINK_NOFOLLOW));
  }

  /** mkdirat(2). */
  mkdirat(dirfd: number, name: string, mode: number): number {
    if (!store(name, this.#name.u8)) return -Errno.NAMETOOLONG;
    return this.#libc.result(this.#common.mkdirat(dirfd, this.#name.address, mode));
  }

  /** unlinkat(2), without any flag or with `AT_REMOVEDIR`. */
  unlinkat(dirfd: number, name: string, flags: number): number {
    if (!store(name, this.#name.u8)) return -Errno.NAMETOOLONG;
    return this.#libc.result(this.#common.unlinkat(dirfd, this.#name.address, flags));
  }

  /** renameat(2). */
  renameat(dirfd: number, name: string, newDirfd: number, newName: string): number {
    if (!store(name, this.#name.u8) || !store(newName, this.#second.u8)) return -Errno.NAMETOOLONG;
    return this.#libc.result(this.#common.renameat(dirfd, this.#name.address, newDirfd, this.#second.address));
  }

  /** linkat(2). */
  linkat(dirfd: number, name: string, newDirfd: number, newName: string): number {
    if (!store(name, this.#name.u8) || !store(newName, this.#second.u8)) return -Errno.NAMETOOLONG;
    return this.#libc.result(this.#others.linkat(dirfd, this.#name.address, newDirfd, this.#second.address, 0));
  }

  /** symlinkat(2). */
  symlinkat(target: string, dirfd: number, name: string): number {
    if (!store(target, this.#second.u8) || !store(name, this.#name.u8)) return -Errno.NAMETOOLONG;
    return this.#libc.result(this.#others.symlinkat(this.#second.address, dirfd, this.#name.address));
  }

  /** readlinkat(2). The target, or an errno. */
  readlinkat(dirfd: number, name: string): string | Errno {
    if (!store(name, this.#name.u8)) return Errno.NAMETOOLONG;
    const { address, u8 } = this.#second;
    const result = this.#libc.result(this.#common.readlinkat(dirfd, this.#name.address, address, PATH_BYTES));
    return result < 0 ? (-result as Errno) : decoder.decode(u8.subarray(0, result));
  }

  /** utimensat(2). */
  utimensat(dirfd: number, name: string, atim: bigint | undefined, mtim: bigint | undefined): number {
    if (!store(name, this.#name.u8)) return -Errno.NAMETOOLONG;
    const { address } = this.#descriptors.timespecs(atim, mtim);
    const { AT_SYMLINK_NOFOLLOW } = this.#libc.target.at;
    return this.#libc.result(this.#others.utimensat(dirfd, this.#name.address, address, AT_SYMLINK_NOFOLLOW));
  }
}

/** Source: asm-generic/unistd.h and x86's table, which agree from 424 on; linux/openat2.h. */
const SYS_OPENAT2 = 437;
const OPEN_HOW_BYTES = 24;
const RESOLVE_NO_MAGICLINKS = 2;
const RESOLVE_BENEATH = 8;

/** Store a name and a NUL. @returns False if there is no room for it. */
function store(name: string, bytes: Uint8Array): boolean {
  if (name.length <= SHORT && storeAscii(name, bytes)) return true;
  if (name.length >= PATH_BYTES) return false;
  const { read, written } = encoder.encodeInto(name, bytes.subarray(0, PATH_BYTES - 1));
  bytes[written] = 0;
  return read === name.length;
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
