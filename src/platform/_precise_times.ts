/**
 * utimensat(2) and futimens(3) by the runtime's own FFI, because `node:fs` takes times as seconds in a float64, which is
 * exact to 240 ns only. Used where there is such an FFI (Bun; Node 26.1 and later) and opened when a guest first sets a
 * time; elsewhere `node:fs` serves.
 */

import type { Host } from "./posix/host.ts";
import { openHost } from "./posix/open_host.ts";

/** Sets times in ns; undefined leaves one as it is. Answers false if that failed; then `node:fs` tells why. */
export interface PreciseTimes {
  /** Of an open file. */
  readonly setOfFile: (fd: number, atim: bigint | undefined, mtim: bigint | undefined) => boolean;
  /** Of a path; a symbolic link is not followed. */
  readonly setOfPath: (path: string, atim: bigint | undefined, mtim: bigint | undefined) => boolean;
}

function over({ descriptors, names, libc }: Host): PreciseTimes {
  const { AT_FDCWD } = libc.target.at;
  return {
    setOfFile: (fd, atim, mtim) => descriptors.futimens(fd, atim, mtim) >= 0,
    setOfPath: (path, atim, mtim) => names.utimensat(AT_FDCWD, path, atim, mtim) >= 0,
  };
}

function open(): PreciseTimes | undefined {
  try {
    return over(openHost());
  } catch {
    // An older Node, another libc, or a permission that is missing.
    return undefined;
  }
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
