/** The network of Node: `node:net`, `node:dgram`, `node:dns`, each loaded when the first guest needs it. */

import { Errno } from "../witx/errno.ts";
import { Family, type PlatformNetwork, type SocketAddress, type SocketOption, SocketType } from "../core/network.ts";
import type {
  ConnectionEvents,
  ConnectionHandle,
  DatagramEvents,
  DatagramHandle,
  OptionValues,
  SocketDriver,
} from "../core/socket/driver.ts";
import { eventNetwork } from "../core/socket/event_network.ts";
import { departures, loadNet, NodeConnection } from "./_node_connection.ts";
import { DATAGRAM_OPTIONS, NodeDatagram } from "./_node_datagram.ts";
import { NodeListener } from "./_node_listener.ts";
import { nodeLookup } from "./_node_lookup.ts";
import { refusedConnection } from "./_refused_connection.ts";
import { STREAM_OPTIONS } from "./_stream_options.ts";
import { withUnixDatagrams } from "./_unix_datagrams.ts";
import { checkUnixPath } from "./_unix_path.ts";

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
  return {
    ...sharedWithBun(dnsServer),
    listen: (address, options, events) => new NodeListener(address, options, events),
    connect: connectByNode,
    flushed: () => departures.gone(),
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

function supportsOf(family: Family, type: SocketType): Errno {
  if (process.platform === "win32" && family === Family.UNIX) return Errno.AFNOSUPPORT;
  if (family !== Family.UNIX || type === SocketType.STREAM) return Errno.SUCCESS;
  return Errno.PROTONOSUPPORT;
}

function optionsOf(type: SocketType): ReadonlySet<SocketOption> {
  return type === SocketType.STREAM ? STREAM_OPTIONS : DATAGRAM_OPTIONS;
}

function openDatagramOf(local: SocketAddress, options: OptionValues, events: DatagramEvents): DatagramHandle {
  return new NodeDatagram(local, options, events);
}

function connectByNode(
  address: SocketAddress,
  local: SocketAddress | undefined,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  const errno = checkEnds(address, local);
  if (errno !== Errno.SUCCESS) return refusedConnection(errno, events);
  const { family, host, port } = address;
  const socket = loadNet().connect(
    family === Family.UNIX ? { path: host, allowHalfOpen: true } : {
      host,
      port,
      allowHalfOpen: true,
      ...(local === undefined ? undefined : { localAddress: local.host, localPort: local.port }),
    },
  );
  return new NodeConnection(socket, address, options, events);
}

/** @returns Why a connection can't even be tried: a path that is none, or a name of its own, which no runtime gives it. */
export function checkEnds({ family, host, port }: SocketAddress, local: SocketAddress | undefined): Errno {
  if (family !== Family.UNIX) return port === 0 ? Errno.CONNREFUSED : Errno.SUCCESS;
  return local !== undefined && local.host !== "" ? Errno.NOTSUP : checkUnixPath(host);
}

/**
 * The network over {@linkcode nodeDriver}.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function nodeNetwork(options: DriverOptions): PlatformNetwork {
  return withUnixDatagrams(eventNetwork(nodeDriver(options)), () => true);
}
