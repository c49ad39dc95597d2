/** Random bytes of the runtime, drawn in larger pieces, because a call for 16 bytes costs as much as one for 1,024. */

import type { PlatformRandom } from "../../contract/platform.ts";

/** Bytes drawn at once. */
const POOL_SIZE = 4096;

/** Bytes that `getRandomValues` gives at once at most. */
const QUOTA = 65536;

function drawFromCrypto(bytes: Uint8Array<ArrayBuffer>): void {
  crypto.getRandomValues(bytes);
}

/**
 * Random bytes out of a pool; those that were handed out are wiped from it.
 *
 * @param draw Fills up to 65,536 bytes. Default: `crypto.getRandomValues`.
 */
export function runtimeRandom(draw: (bytes: Uint8Array<ArrayBuffer>) => void = drawFromCrypto): PlatformRandom {
  let pool: Uint8Array<ArrayBuffer> | undefined;
  let used = POOL_SIZE;
  return {
    fill(bytes, start, length) {
      if (length > POOL_SIZE / 4) return fillDirectly(draw, bytes, start, length);
      pool ??= new Uint8Array(POOL_SIZE);
      if (used + length > POOL_SIZE) {
        draw(pool);
        used = 0;
      }
      for (let i = 0; i < length; i++) {
        bytes[start + i] = pool[used]!;
        pool[used++] = 0;
      }
    },
  };
}

function fillDirectly(
  draw: (bytes: Uint8Array<ArrayBuffer>) => void,
  bytes: Uint8Array,
  start: number,
  length: number,
): void {
  for (let done = 0; done < length; done += QUOTA) {
    const piece = new Uint8Array(Math.min(QUOTA, length - done));
    draw(piece);
    bytes.set(piece, start + done);
  }
}
