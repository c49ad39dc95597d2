/** The network of Bun: its own streams, and the datagrams and lookups of its `node:dgram` and `node:dns`. */

import { Errno } from "../witx/errno.ts";
import { Family, type PlatformNetwork, type SocketAddress } from "../core/network.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues, SocketDriver } from "../core/socket/driver.ts";
import { eventNetwork } from "../core/socket/event_network.ts";
import { type Acceptor, BunConnection, HANDLER } from "./_bun_connection.ts";
import { BunListener } from "./_bun_listener.ts";
import { checkEnds, type DriverOptions, sharedWithBun } from "./_node_network.ts";
import { refusedConnection } from "./_refused_connection.ts";
import type { BunNamespace } from "./types/bun.ts";
import { withUnixDatagrams } from "./_unix_datagrams.ts";

/**
 * The driver over Bun's own API.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function bunDriver({ dnsServer }: DriverOptions = {}): SocketDriver {
  const bun = (globalThis as unknown as { Bun: BunNamespace }).Bun;
  return {
    ...sharedWithBun(dnsServer),
    listen: (address, options, events) => new BunListener(bun, address, options, events),
    connect: (address, local, options, events) => connectByBun(bun, address, local, options, events),
  };
}

function connectByBun(
  bun: BunNamespace,
  address: SocketAddress,
  local: SocketAddress | undefined,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  const errno = checkEnds(address, local);
  if (errno !== Errno.SUCCESS) return refusedConnection(errno, events);
  const { family, host, port } = address;
  const connection = new BunConnection(undefined, address, options, events);
  bun.connect({
    ...(family === Family.UNIX ? { unix: host } : { hostname: host, port }),
    ...(local === undefined || family === Family.UNIX
      ? undefined
      : { localAddress: local.host, localPort: local.port }),
    allowHalfOpen: true,
    data: connection as Acceptor | BunConnection,
    socket: HANDLER,
  }).catch((error: unknown) => connection.onError(error));
  return connection;
}

/**
 * The network over {@linkcode bunDriver}.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function bunNetwork(options: DriverOptions): PlatformNetwork {
  return withUnixDatagrams(eventNetwork(bunDriver(options)), () => true);
}
