/** Reading a file whole. */

import { Errno, errnoName } from "../../witx/errno.ts";
import type { Host } from "./host.ts";

/** Room for files that do not tell their size, such as those of /proc. */
const FIRST_BYTES = 65536;

/**
 * All bytes of an open file.
 *
 * @param host The system's calls.
 * @param fd Its descriptor.
 * @throws {Error} If it can't be read.
 */
export function readWhole(host: Host, fd: number): Uint8Array<ArrayBuffer> {
  const known = host.descriptors.fstat(fd) < 0 ? 0 : host.descriptors.stat.size();
  let bytes = new Uint8Array(known > 0 ? known + 1 : FIRST_BYTES);
  let length = 0;
  for (;;) {
    const count = host.transfers.read(fd, bytes, length, bytes.length - length);
    if (count < 0) throw failure(-count as Errno);
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
