/** A network of sockets over a driver that is told by events. */

import { Errno } from "../../witx/errno.ts";
import {
  type Family,
  type PlatformLookup,
  type PlatformNetwork,
  type PlatformSocket,
  type SocketAddress,
  SocketType,
  type Wakeable,
} from "../network.ts";
import { inetAddress } from "./address.ts";
import { DatagramSocket } from "./datagram_socket.ts";
import type { SocketDriver } from "./driver.ts";
import { StreamSocket } from "./stream_socket.ts";

/**
 * Make a network of a driver.
 *
 * @param driver Moves the bytes.
 */
export function eventNetwork(driver: SocketDriver): PlatformNetwork {
  return {
    hasHostPaths: driver.hasHostPaths,
    socket(family, type, wake): PlatformSocket | Errno {
      const errno = driver.supports(family, type);
      if (errno !== Errno.SUCCESS) return errno;
      return type === SocketType.STREAM
        ? new StreamSocket(driver, family, wake)
        : new DatagramSocket(driver, family, wake);
    },
    lookup: (name, family, wake) => new Lookup(driver, name, family, wake),
    flushed: () => driver.flushed?.() ?? Promise.resolve(),
  };
}

class Lookup implements PlatformLookup {
  readonly needsEventLoop = true;
  readonly source: Wakeable;
  readonly #cancel: (() => void) | undefined;
  #result: readonly SocketAddress[] | Errno = Errno.AGAIN;
  #done = false;

  constructor(driver: SocketDriver, name: string, family: Family | 0, wake: Wakeable) {
    this.source = wake;
    const literal = inetAddress(name, 0);
    if (literal !== undefined) {
      this.#done = true;
      this.#result = family === 0 || family === literal.family ? [literal] : Errno.NOENT;
      return;
    }
    this.#cancel = driver.lookup(name, family, (result) => {
      this.#done = true;
      this.#result = result;
      wake.notify();
    });
  }

  result(): readonly SocketAddress[] | Errno {
    return this.#result;
  }

  cancel(): void {
    if (!this.#done) this.#cancel?.();
  }

  readiness(): number {
    return this.#done ? 1 : 0;
  }

  readableBytes(): number {
    return 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    return this.source.subscribe(wake);
  }
}
