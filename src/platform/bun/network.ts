/** The network of Bun: its own streams, and the datagrams and lookups of its `node:dgram` and `node:dns`. */

import type { PlatformNetwork, SocketAddress } from "../../contract/network.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues, SocketDriver } from "../../core/net/events/driver.ts";
import { eventNetwork } from "../../core/net/events/network.ts";
import { type Acceptor, BunConnection, HANDLER } from "./connection.ts";
import { BunListener } from "./listener.ts";
import { type DriverOptions, sharedWithBun } from "../node/network.ts";
import { NODE_UNIX_PATHS } from "../node/unix_paths.ts";
import { connector } from "../shared/net/connector.ts";
import type { ResolvedSocketPath } from "../shared/net/unix_socket_path.ts";
import type { BunNamespace } from "./api.ts";
import { withUnixDatagrams } from "../shared/net/unix_datagrams.ts";

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
    connect: connector(NODE_UNIX_PATHS, {
      toAddress: (address, local, options, events) => connectByBun(bun, address, local, options, events),
      toPath: (path, address, options, events) => connectToPath(bun, path, address, options, events),
    }),
  };
}

function connectByBun(
  bun: BunNamespace,
  address: SocketAddress,
  local: SocketAddress | undefined,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  const { host, port } = address;
  const connection = new BunConnection(undefined, address, options, events);
  bun.connect({
    hostname: host,
    port,
    ...(local === undefined ? undefined : { localAddress: local.host, localPort: local.port }),
    allowHalfOpen: true,
    data: connection as Acceptor | BunConnection,
    socket: HANDLER,
  }).catch((error: unknown) => connection.onError(error));
  return connection;
}

function connectToPath(
  bun: BunNamespace,
  path: ResolvedSocketPath,
  address: SocketAddress,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  const connection = new BunConnection(undefined, address, options, events);
  bun.connect({
    unix: path.path,
    allowHalfOpen: true,
    data: connection as Acceptor | BunConnection,
    socket: HANDLER,
  }).catch((error: unknown) => connection.onError(error)).finally(path.release);
  return connection;
}

/**
 * The network over {@linkcode bunDriver}.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function bunNetwork(options: DriverOptions): PlatformNetwork {
  return withUnixDatagrams(eventNetwork(bunDriver(options)));
}
