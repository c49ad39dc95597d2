/**
 * utimensat(2) and futimens(3) by the runtime's own FFI, because `node:fs` takes times as seconds in a float64, which is
 * exact to 240 ns only. Used where there is such an FFI (Bun; Node 26.1 and later) and loaded when a guest first sets a
 * time; elsewhere `node:fs` serves.
 */

import { type ForeignCall, type ForeignFunction, openLibraryOfNode } from "./_foreign_functions.ts";

/** Sets times in ns; undefined leaves one as it is. Answers false if that failed; then `node:fs` tells why. */
export interface PreciseTimes {
  /** Of an open file. */
  readonly setOfFile: (fd: number, atim: bigint | undefined, mtim: bigint | undefined) => boolean;
  /** Of a path; a symbolic link is not followed. */
  readonly setOfPath: (path: string, atim: bigint | undefined, mtim: bigint | undefined) => boolean;
}

/** Constants of <fcntl.h> and <sys/stat.h>, and where the functions are. `timespec` is two 64-bit integers on both. */
interface Libc {
  readonly library: string;
  readonly AT_FDCWD: number;
  readonly AT_SYMLINK_NOFOLLOW: number;
  readonly UTIME_OMIT: bigint;
}

/** Linux: x86-64 and arm64 with glibc. macOS: arm64. */
const LIBC: Readonly<Record<string, Libc>> = {
  linux: { library: "libc.so.6", AT_FDCWD: -100, AT_SYMLINK_NOFOLLOW: 0x100, UTIME_OMIT: 0x3ffffffen },
  darwin: { library: "libSystem.B.dylib", AT_FDCWD: -2, AT_SYMLINK_NOFOLLOW: 0x20, UTIME_OMIT: -2n },
};

const FUNCTIONS = {
  utimensat: { parameters: ["i32", "buffer", "buffer", "i32"], result: "i32" },
  futimens: { parameters: ["i32", "buffer"], result: "i32" },
} as const satisfies Record<string, ForeignFunction>;

type Functions = Readonly<Record<keyof typeof FUNCTIONS, ForeignCall>>;

function open(): PreciseTimes | undefined {
  const libc = LIBC[process.platform];
  if (libc === undefined) return undefined;
  try {
    return over(openLibraryOfNode(libc.library, FUNCTIONS), libc);
  } catch {
    // An older Node, another libc, or a permission that is missing.
    return undefined;
  }
}

function over(functions: Functions, libc: Libc): PreciseTimes {
  const times = new BigInt64Array(4);
  const encoder = new TextEncoder();

  function store(index: 0 | 2, ns: bigint | undefined): void {
    const seconds = ns === undefined ? 0n : ns / 1_000_000_000n;
    times[index] = seconds;
    times[index + 1] = ns === undefined ? libc.UTIME_OMIT : ns - seconds * 1_000_000_000n;
  }

  return {
    setOfFile(fd, atim, mtim) {
      store(0, atim);
      store(2, mtim);
      return functions.futimens(fd, times) === 0;
    },
    setOfPath(path, atim, mtim) {
      store(0, atim);
      store(2, mtim);
      return functions.utimensat(libc.AT_FDCWD, encoder.encode(path + "\0"), times, libc.AT_SYMLINK_NOFOLLOW) === 0;
    },
  };
}

let opened: PreciseTimes | undefined;
let tried = false;

/** @returns The calls, or undefined where there is no FFI for them. */
export function preciseTimes(): PreciseTimes | undefined {
  if (!tried) {
    tried = true;
    opened = open();
  }
  return opened;
}
