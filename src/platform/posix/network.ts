/** The network of the operating system, by its own calls. */

import type { Errno } from "../../witx/errno.ts";
import {
  type Family,
  type PlatformLookup,
  type PlatformNetwork,
  type PlatformSocket,
  SocketType,
  type Wakeable,
} from "../../core/network.ts";
import type { SocketDriver } from "../../core/socket/driver.ts";
import { EventLookup } from "../../core/socket/event_lookup.ts";
import { PosixDatagramSocket } from "./datagram_socket.ts";
import { fdWatchOf } from "./fd_watch.ts";
import type { Host } from "./host.ts";
import { DoneLookup, resolverOf } from "./lookup.ts";
import { PollSet } from "./poll_set.ts";
import { SocketContext } from "./socket.ts";
import { PosixStreamSocket } from "./stream_socket.ts";

/**
 * A network for one guest.
 *
 * @param host The system's calls.
 * @param suspends True if the guest is suspended while it waits; false if the thread is blocked, so that nothing here
 * needs the event loop.
 * @param lookup The runtime's resolver, for a guest that is suspended; without it, getaddrinfo(3) holds up the thread.
 */
export function posixNetwork(host: Host, suspends: boolean, lookup?: SocketDriver["lookup"]): PlatformNetwork {
  const context = new SocketContext(host, new PollSet(host, () => fdWatchOf(host)), suspends);
  return {
    hasHostPaths: true,
    socket: (family, type) => openSocket(context, family, type),
    lookup: (name, family, wake) => openLookup(host, suspends ? lookup : undefined, name, family, wake),
  };
}

function openSocket(context: SocketContext, family: Family, type: SocketType): PlatformSocket | Errno {
  const fd = context.calls.socket(family, type);
  if (fd < 0) return -fd as Errno;
  const socket = type === SocketType.STREAM
    ? new PosixStreamSocket(context, family, fd)
    : new PosixDatagramSocket(context, family, fd);
  const result = context.set.add(socket, fd);
  if (result >= 0) return socket;
  socket.close();
  return -result as Errno;
}

function openLookup(
  host: Host,
  lookup: SocketDriver["lookup"] | undefined,
  name: string,
  family: Family | 0,
  wake: Wakeable,
): PlatformLookup {
  return lookup === undefined
    ? new DoneLookup(() => resolverOf(host.libc), name, family)
    : new EventLookup({ lookup }, name, family, wake);
}
