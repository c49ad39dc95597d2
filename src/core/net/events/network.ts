/** A network of sockets over an event-driven driver. */

import { type PlatformNetwork, type PlatformSocket, SocketType } from "../../../contract/network.ts";
import { DatagramSocket } from "./datagram_socket.ts";
import type { SocketDriver } from "./driver.ts";
import { EventLookup } from "./lookup.ts";
import { StreamSocket } from "./stream_socket.ts";
import type { Failure } from "../../../contract/results.ts";

/**
 * Creates a network over a driver.
 *
 * @param driver Moves the bytes.
 */
export function eventNetwork(driver: SocketDriver): PlatformNetwork {
  return {
    hasHostPaths: driver.hasHostPaths,
    socket(family, type, wake): PlatformSocket | Failure {
      const supported = driver.supports(family, type);
      if (supported < 0) return supported;
      return type === SocketType.STREAM
        ? new StreamSocket(driver, family, wake)
        : new DatagramSocket(driver, family, wake);
    },
    lookup: (name, family, wake) => new EventLookup(driver, name, family, wake),
    flushed: () => driver.flushed?.() ?? Promise.resolve(),
  };
}
