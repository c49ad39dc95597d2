/** Paths of unix sockets. */

import { Errno } from "../../../witx/errno.ts";

/** Bytes of a path that `sockaddr_un` has room for, without the NUL. Source: sys/un.h of Linux and macOS. */
const LONGEST: number = 107;
const LONGEST_ON_MACOS: number = 103;

const encoder: TextEncoder = new TextEncoder();

/** @returns 0, or minus INVAL (it contains a NUL), ILSEQ (it is not UTF-8), NOENT (it is empty) or NAMETOOLONG. */
export function checkUnixPath(path: string): number {
  if (path === "") return -Errno.NOENT;
  if (path.includes("\0")) return -Errno.INVAL;
  if (!path.isWellFormed()) return -Errno.ILSEQ;
  const longest = process.platform === "darwin" ? LONGEST_ON_MACOS : LONGEST;
  return encoder.encode(path).length > longest ? -Errno.NAMETOOLONG : 0;
}
