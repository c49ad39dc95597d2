/** The system's random bytes. */

import { Errno } from "../../witx/errno.ts";
import type { PlatformRandom } from "../../contract/platform.ts";
import { runtimeRandom } from "../shared/random.ts";
import type { Region } from "./ffi/arena.ts";
import type { ForeignCall } from "./ffi/ffi.ts";
import type { Libc } from "./ffi/libc.ts";

/** Bytes of one call: what getentropy(3) gives at most. */
const PIECE = 256;

/**
 * Random bytes by getrandom(2), or getentropy(3) on macOS.
 *
 * @param libc The C library.
 */
export function posixRandom(libc: Libc): PlatformRandom {
  let draw: ((region: Region, length: number) => number) | undefined;
  let region: Region | undefined;
  return runtimeRandom((bytes) => {
    draw ??= drawing(libc);
    region ??= libc.arena.allocate(PIECE);
    for (let done = 0; done < bytes.length; done += PIECE) {
      const length = Math.min(PIECE, bytes.length - done);
      while (libc.result(draw(region, length)) === -Errno.INTR);
      bytes.set(region.u8.subarray(0, length), done);
    }
    region.u8.fill(0);
  });
}

function drawing(libc: Libc): (region: Region, length: number) => number {
  if (libc.target.os === "darwin") {
    const getentropy: ForeignCall = libc.open({
      getentropy: { parameters: ["address", "i32"], result: "i32" },
    }).getentropy;
    return ({ address }, length) => getentropy(address, length);
  }
  const getrandom: ForeignCall = libc.open({
    getrandom: { parameters: ["address", "i32", "i32"], result: "i32" },
  }).getrandom;
  return ({ address }, length) => getrandom(address, length, 0);
}
