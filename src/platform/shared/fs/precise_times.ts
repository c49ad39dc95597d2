/**
 * utimensat(2) and futimens(3) by the runtime's own FFI, because `node:fs` takes times as float64 seconds, exact to 240 ns
 * only (https://github.com/nodejs/node/issues/50859). Used where there is an FFI (Bun; Node 26.1 and later) and opened when a
 * guest first sets a time; elsewhere `node:fs` sets them.
 */

import { mayCallForeign } from "../foreign_calls.ts";
import type { Syscalls } from "../../posix/syscalls.ts";
import { openSyscalls } from "../../posix/open_syscalls.ts";

/** Sets times in ns; undefined leaves one as it is. Returns false if that failed; `node:fs` then reports the error. */
export interface PreciseTimes {
  /** Of an open file. */
  readonly setOfFile: (fd: number, atim: bigint | undefined, mtim: bigint | undefined) => boolean;
  /** Of a path; a symbolic link is not followed. */
  readonly setOfPath: (path: string, atim: bigint | undefined, mtim: bigint | undefined) => boolean;
}

function over({ fds, paths, libc }: Syscalls): PreciseTimes {
  const { AT_FDCWD } = libc.target.at;
  return {
    setOfFile: (fd, atim, mtim) => fds.futimens(fd, atim, mtim) >= 0,
    setOfPath: (path, atim, mtim) => paths.utimensat(AT_FDCWD, path, atim, mtim) >= 0,
  };
}

function open(): PreciseTimes | undefined {
  if (!mayCallForeign()) return undefined;
  try {
    return over(openSyscalls());
  } catch {
    // An older Node, another libc, or a permission that is missing.
    return undefined;
  }
}

/** The calls; false once it is known that there are none. */
let opened: PreciseTimes | false | undefined;

/** @returns The calls, or undefined where there is no FFI for them. */
export function preciseTimes(): PreciseTimes | undefined {
  return (opened ??= open() ?? false) || undefined;
}
