/** The network of the operating system, by its own calls. */

import {
  type Family,
  type PlatformLookup,
  type PlatformNetwork,
  type PlatformSocket,
  SocketType,
  type Wakeable,
} from "../../../contract/network.ts";
import type { WaitMode } from "../../../contract/waiter.ts";
import type { SocketDriver } from "../../../core/net/events/driver.ts";
import { EventLookup } from "../../../core/net/events/lookup.ts";
import { PosixDatagramSocket } from "./datagram_socket.ts";
import { fdWatchOf } from "../poll/fd_watch.ts";
import type { Syscalls } from "../syscalls.ts";
import { BlockingLookup, resolverOf } from "./lookup.ts";
import { Reactor } from "../poll/reactor.ts";
import { SocketContext } from "./socket.ts";
import { PosixStreamSocket } from "./stream_socket.ts";
import type { Failure } from "../../../contract/results.ts";

/**
 * A network for one guest.
 *
 * @param syscalls The system's calls.
 * @param mode How the guest waits. With `"block"`, nothing here needs the event loop.
 * @param lookup The runtime's resolver, for a guest that is suspended; without it, getaddrinfo(3) holds up the thread.
 */
export function posixNetwork(syscalls: Syscalls, mode: WaitMode, lookup?: SocketDriver["lookup"]): PlatformNetwork {
  const context = new SocketContext(syscalls, new Reactor(syscalls, () => fdWatchOf(syscalls)), mode);
  return {
    hasHostPaths: true,
    socket: (family, type) => openSocket(context, family, type),
    lookup: (name, family, wake) => openLookup(syscalls, mode === "suspend" ? lookup : undefined, name, family, wake),
  };
}

function openSocket(context: SocketContext, family: Family, type: SocketType): PlatformSocket | Failure {
  const fd = context.calls.socket(family, type);
  if (fd < 0) return fd;
  const socket = type === SocketType.STREAM
    ? new PosixStreamSocket(context, family, fd)
    : new PosixDatagramSocket(context, family, fd);
  const result = context.reactor.add(socket, fd);
  if (result >= 0) return socket;
  socket.close();
  return result;
}

function openLookup(
  syscalls: Syscalls,
  lookup: SocketDriver["lookup"] | undefined,
  name: string,
  family: Family | 0,
  wake: Wakeable,
): PlatformLookup {
  return lookup === undefined
    ? new BlockingLookup(() => resolverOf(syscalls.libc), name, family)
    : new EventLookup({ lookup }, name, family, wake);
}
