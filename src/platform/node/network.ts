/** The network of Node: `node:net`, `node:dgram`, `node:dns`, each loaded when the first guest needs it. */

import { Errno } from "../../witx/errno.ts";
import { Family, type PlatformNetwork, type SocketAddress, SocketOption, SocketType } from "../../contract/network.ts";
import type {
  ConnectionEvents,
  ConnectionHandle,
  DatagramEvents,
  DatagramHandle,
  OptionValues,
  SocketDriver,
} from "../../core/net/events/driver.ts";
import { eventNetwork } from "../../core/net/events/network.ts";
import { NodeConnection } from "./connection.ts";
import { DATAGRAM_OPTIONS, NodeDatagram } from "./datagram.ts";
import { NodeListener } from "./listener.ts";
import { nodeLookup } from "./lookup.ts";
import { StreamContext } from "./stream_context.ts";
import { NODE_UNIX_PATHS } from "./unix_paths.ts";
import { PendingFlushes } from "../shared/net/pending_flushes.ts";
import { connector } from "../shared/net/connector.ts";
import { STREAM_OPTIONS } from "../shared/net/stream_options.ts";
import { withUnixDatagrams } from "../shared/net/unix_datagrams.ts";
import type { ResolvedSocketPath } from "../shared/net/unix_socket_path.ts";

/** How to make a driver. */
export interface DriverOptions {
  /** `ADDR[:PORT]` or `[ADDR]:PORT` of a DNS server to ask in place of the system's resolver. */
  readonly dnsServer?: string | undefined;
}

/**
 * The driver over Node's modules.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function nodeDriver({ dnsServer }: DriverOptions = {}): SocketDriver {
  const context = new StreamContext(new PendingFlushes());
  return {
    ...sharedWithBun(dnsServer),
    options: (type) => nodeOptionsOf(context, type),
    listen: (address, options, events) => new NodeListener(context, address, options, events),
    connect: connector(NODE_UNIX_PATHS, {
      toAddress: (address, local, options, events) => connectByNode(context, address, local, options, events),
      toPath: (path, address, options, events) => connectToPath(context, path, address, options, events),
    }),
    flushed: () => context.flushes.allFlushed(),
  };
}

/** All of a driver but streams: Bun's own do better there. */
export function sharedWithBun(dnsServer: string | undefined): Omit<SocketDriver, "listen" | "connect"> {
  return {
    hasHostPaths: true,
    supports: supportsOf,
    options: optionsOf,
    openDatagram: openDatagramOf,
    lookup: nodeLookup(dnsServer),
  };
}

function supportsOf(family: Family, type: SocketType): number {
  if (process.platform === "win32" && family === Family.UNIX) return -Errno.AFNOSUPPORT;
  if (family !== Family.UNIX || type === SocketType.STREAM) return 0;
  return -Errno.PROTONOSUPPORT;
}

function optionsOf(type: SocketType): ReadonlySet<SocketOption> {
  return type === SocketType.STREAM ? STREAM_OPTIONS : DATAGRAM_OPTIONS;
}

const OPTIONS_WITH_PROBES: ReadonlySet<SocketOption> = new Set([
  ...STREAM_OPTIONS,
  SocketOption.KEEPINTVL,
  SocketOption.KEEPCNT,
]);

/** Older versions of Node have no parameters for keep-alive probes. */
function nodeOptionsOf(context: StreamContext, type: SocketType): ReadonlySet<SocketOption> {
  const hasProbes = type === SocketType.STREAM && context.net.Socket.prototype.setKeepAlive.length >= 4;
  return hasProbes ? OPTIONS_WITH_PROBES : optionsOf(type);
}

function openDatagramOf(local: SocketAddress, options: OptionValues, events: DatagramEvents): DatagramHandle {
  return new NodeDatagram(local, options, events);
}

function connectByNode(
  context: StreamContext,
  address: SocketAddress,
  local: SocketAddress | undefined,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  const { host, port } = address;
  const socket = context.net.connect({
    host,
    port,
    allowHalfOpen: true,
    ...(local === undefined ? undefined : { localAddress: local.host, localPort: local.port }),
  });
  return new NodeConnection(context, socket, address, options, events);
}

/** Node makes the system's call within its own. */
function connectToPath(
  context: StreamContext,
  path: ResolvedSocketPath,
  address: SocketAddress,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  try {
    const socket = context.net.connect({ path: path.path, allowHalfOpen: true });
    return new NodeConnection(context, socket, address, options, events);
  } finally {
    path.release();
  }
}

/**
 * The network over {@linkcode nodeDriver}.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function nodeNetwork(options: DriverOptions): PlatformNetwork {
  return withUnixDatagrams(eventNetwork(nodeDriver(options)));
}
