/** The network of Deno. */

import { Errno } from "../../witx/errno.ts";
import { Family, type PlatformNetwork, type SocketAddress, SocketType } from "../../contract/network.ts";
import { isSameAddress, unspecifiedAddress } from "../../contract/address.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues, SocketDriver } from "../../core/net/events/driver.ts";
import { eventNetwork } from "../../core/net/events/network.ts";
import { BoundConnection } from "./bound_connection.ts";
import { ClosingListeners } from "./closing_listeners.ts";
import { DenoConnection, STREAM_OPTIONS } from "./connection.ts";
import { DATAGRAM_OPTIONS, DenoDatagram } from "./datagram.ts";
import { DenoListener } from "./listener.ts";
import { denoLookup } from "./lookup.ts";
import { mayReach } from "./permission.ts";
import { networkErrno } from "./errors.ts";
import { StreamContext } from "./stream_context.ts";
import { denoUnixPaths } from "./unix_paths.ts";
import { connector } from "../shared/net/connector.ts";
import { refusedConnection } from "../shared/net/refused_connection.ts";
import { withUnixDatagrams } from "../shared/net/unix_datagrams.ts";
import type { ResolvedSocketPath } from "../shared/net/unix_socket_path.ts";
import type { DenoConn, DenoNamespace, ProcessOfDeno } from "./api.ts";

/** How to make a driver. */
export interface DenoDriverOptions {
  /** `ADDR[:PORT]` or `[ADDR]:PORT` of a DNS server to ask in place of the system's resolver. */
  readonly dnsServer?: string | undefined;
}

/**
 * The network over {@linkcode denoDriver}.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function denoNetwork(options: DenoDriverOptions): PlatformNetwork {
  return withUnixDatagrams(eventNetwork(denoDriver(options)));
}

/**
 * The driver over Deno's own API, and over Node's where Deno has none: UDP, a connection from a given address, the
 * system's resolver. Deno's permissions hold for all of it.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function denoDriver({ dnsServer }: DenoDriverOptions = {}): SocketDriver {
  const { Deno: deno, process } = globalThis as unknown as { Deno: DenoNamespace; process: ProcessOfDeno };
  const context = new StreamContext(deno, denoUnixPaths(deno, process), closing);
  return {
    hasHostPaths: true,
    supports: (family, type) => supports(deno, family, type),
    options: (type) => type === SocketType.STREAM ? STREAM_OPTIONS : DATAGRAM_OPTIONS,
    listen: (address, options, events) => new DenoListener(context, address, options, events),
    connect: connector(context.names, {
      toAddress: (address, local, options, events) => connect(context, address, local, options, events),
      toPath: (path, address, options, events) => connectToPath(context, path, address, options, events),
    }),
    openDatagram: (local, options, events) =>
      new DenoDatagram(deno, process.getBuiltinModule("node:dgram"), local, options, events),
    flushed: () => context.flushes.allFlushed(),
    lookup: denoLookup(dnsServer),
  };
}

/** All guests of the process share its ports. */
const closing: ClosingListeners = new ClosingListeners();

function supports(deno: DenoNamespace, family: Family, type: SocketType): number {
  if (family !== Family.UNIX) return 0;
  if (deno.build.os === "windows") return -Errno.AFNOSUPPORT;
  return type === SocketType.STREAM ? 0 : -Errno.PROTONOSUPPORT;
}

function connect(
  context: StreamContext,
  address: SocketAddress,
  local: SocketAddress | undefined,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  const { family, host, port } = address;
  if (local !== undefined && !isSameAddress(local, unspecifiedAddress(family))) {
    return connectFrom(context, address, local, options, events);
  }
  const abort = new AbortController();
  const connection = new DenoConnection(context, family, options, events, abort);
  context.closing.whenNone(() => {
    context.deno.connect({ transport: "tcp", hostname: host, port, signal: abort.signal })
      .then((conn) => connection.open(conn), (error) => connection.fail(networkErrno(error)));
  });
  return connection;
}

function connectToPath(
  context: StreamContext,
  path: ResolvedSocketPath,
  address: SocketAddress,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  const connection = new DenoConnection(context, Family.UNIX, options, events);
  const unnamed = unspecifiedAddress(Family.UNIX);
  context.closing.whenNone(() => {
    connectHeld(context.deno, path)
      .then((conn) => connection.open(conn, unnamed, address), (error) => connection.fail(networkErrno(error)))
      .finally(path.release);
  });
  return connection;
}

/** Deno makes the system's call within its own. */
async function connectHeld(deno: DenoNamespace, held: ResolvedSocketPath): Promise<DenoConn> {
  if (!held.isSame()) throw new ConnectionRefused("Cannot connect to a unix socket that was replaced");
  return await deno.connect({ transport: "unix", path: held.path });
}

class ConnectionRefused extends Error {
  override readonly name = "ConnectionRefused";
}

/** `node:net` throws from within the event loop if a permission is missing. */
function connectFrom(
  context: StreamContext,
  address: SocketAddress,
  local: SocketAddress,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  if (!mayReach(context.deno, address) || !mayReach(context.deno, local)) return refusedConnection(Errno.ACCES, events);
  return new BoundConnection(context, address, local, options, events);
}
