/** What the connections and listeners of one driver share. */

import { createRequire } from "node:module";
import type net from "node:net";
import type { PendingFlushes } from "../shared/net/pending_flushes.ts";

/** Bytes that {@linkcode StreamContext.write} takes at once. */
export const MAX_WRITE: number = 64 * 1024;

/** `node:net`, what is still to be sent, and a buffer. */
export class StreamContext {
  /** Connections that are closed, with bytes that the system has not accepted yet. */
  readonly flushes: PendingFlushes;
  #net: typeof net | undefined;
  /** Usually the system accepts the bytes within the call, and the buffer is free again. */
  #buffer: Buffer | undefined;

  /** @param flushes Those of the driver. */
  constructor(flushes: PendingFlushes) {
    this.flushes = flushes;
  }

  /** `node:net`, loaded on first use. */
  get net(): typeof net {
    return this.#net ??= createRequire(import.meta.url)("node:net") as typeof net;
  }

  /** Writes a copy of `bytes`, at most {@linkcode MAX_WRITE}. */
  write(socket: net.Socket, bytes: Uint8Array): void {
    const buffer = this.#buffer ??= Buffer.allocUnsafeSlow(MAX_WRITE);
    const copy = buffer.subarray(0, bytes.length);
    copy.set(bytes);
    socket.write(copy);
    if (socket.writableLength > 0) this.#buffer = undefined;
  }
}
