/** Connecting streams: what the drivers of all runtimes check first. */

import { errnoFromResult } from "../../../contract/results.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import type {
  ConnectionEvents,
  ConnectionHandle,
  OptionValues,
  SocketDriver,
} from "../../../core/net/events/driver.ts";
import { Errno } from "../../../witx/errno.ts";
import { refusedConnection } from "./refused_connection.ts";
import { type ResolvedSocketPath, resolveSocketPath, type UnixPathCalls } from "./unix_socket_path.ts";

/** How a runtime connects. */
export interface ConnectCalls {
  /** Connects to an IP address whose port is not 0. */
  readonly toAddress: SocketDriver["connect"];
  /** Connects to the unix socket at `path`, which it releases when it is connected or has failed. */
  readonly toPath: (
    path: ResolvedSocketPath,
    address: SocketAddress,
    options: OptionValues,
    events: ConnectionEvents,
  ) => ConnectionHandle;
}

/**
 * The `connect` of a driver.
 *
 * @param names Calls of the runtime with the paths of unix sockets.
 * @param calls Calls of the runtime that connect.
 */
export function connector(names: UnixPathCalls, { toAddress, toPath }: ConnectCalls): SocketDriver["connect"] {
  return (address, local, options, events) => {
    if (address.family !== Family.UNIX) {
      return address.port === 0
        ? refusedConnection(Errno.CONNREFUSED, events)
        : toAddress(address, local, options, events);
    }
    // No runtime gives a connecting unix socket a path of its own.
    const path = local !== undefined && local.host !== "" ? -Errno.NOTSUP : resolveSocketPath(names, address.host);
    return typeof path === "number"
      ? refusedConnection(errnoFromResult(path), events)
      : toPath(path, address, options, events);
  };
}
