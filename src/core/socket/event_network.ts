/** A network of sockets over a driver that is told by events. */

import { Errno } from "../../witx/errno.ts";
import { type PlatformNetwork, type PlatformSocket, SocketType } from "../network.ts";
import { DatagramSocket } from "./datagram_socket.ts";
import type { SocketDriver } from "./driver.ts";
import { EventLookup } from "./event_lookup.ts";
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
    lookup: (name, family, wake) => new EventLookup(driver, name, family, wake),
    flushed: () => driver.flushed?.() ?? Promise.resolve(),
  };
}
