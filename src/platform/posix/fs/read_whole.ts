/** Reading a file whole. */

import { Errno, errnoName } from "../../../witx/errno.ts";
import type { Syscalls } from "../syscalls.ts";
import { errnoFromResult } from "../../../contract/results.ts";

/** Initial buffer for files that report no size, such as those of /proc. */
const FIRST_BYTES = 65536;

/**
 * All bytes of an open file.
 *
 * @param syscalls The system's calls.
 * @param fd Its descriptor.
 * @throws {Error} If it can't be read.
 */
export function readWhole(syscalls: Syscalls, fd: number): Uint8Array<ArrayBuffer> {
  const known = syscalls.fds.fstat(fd) < 0 ? 0 : syscalls.fds.stat.size();
  let bytes = new Uint8Array(known > 0 ? known + 1 : FIRST_BYTES);
  let length = 0;
  for (;;) {
    const count = syscalls.io.read(fd, bytes, length, bytes.length - length);
    if (count < 0) throw failure(errnoFromResult(count));
    if (count === 0) return bytes.subarray(0, length);
    length += count;
    if (length < bytes.length) continue;
    const grown = new Uint8Array(bytes.length * 2);
    grown.set(bytes);
    bytes = grown;
  }
}

function failure(errno: Errno): Error {
  const code = `E${errnoName(errno)}`;
  return Object.assign(new Error(errno === Errno.ISDIR ? `${code}: it is a directory` : `${code}: cannot read it`), {
    code,
  });
}
