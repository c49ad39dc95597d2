/** The network of Deno. */

import { Errno } from "../witx/errno.ts";
import { Family, type PlatformNetwork, type SocketAddress, SocketType } from "../core/network.ts";
import { isSameAddress, unspecifiedAddress } from "../core/socket/address.ts";
import type { ConnectionEvents, ConnectionHandle, OptionValues, SocketDriver } from "../core/socket/driver.ts";
import { eventNetwork } from "../core/socket/event_network.ts";
import { BoundConnection } from "./_deno_bound_connection.ts";
import { DenoConnection, departures, STREAM_OPTIONS } from "./_deno_connection.ts";
import { DATAGRAM_OPTIONS, DenoDatagram } from "./_deno_datagram.ts";
import { ClosingListeners, DenoListener } from "./_deno_listener.ts";
import { denoLookup } from "./_deno_lookup.ts";
import { mayReach } from "./_deno_permission.ts";
import { networkErrno } from "./_deno_errors.ts";
import { refusedConnection } from "./_refused_connection.ts";
import { withUnixDatagrams } from "./_unix_datagrams.ts";
import { checkUnixPath } from "./_unix_path.ts";
import type { DenoNamespace, ProcessOfDeno } from "./types/deno.ts";

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
  const { permissions } = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  // Without the permission, to open a library would ask the user for it.
  const mayCall = (): boolean => permissions.querySync({ name: "ffi" }).state === "granted";
  return withUnixDatagrams(eventNetwork(denoDriver(options)), mayCall);
}

/**
 * The driver over Deno's own API, and over Node's where Deno has none: UDP, a connection from a given address, the
 * system's resolver. Deno's permissions hold for all of it.
 *
 * @throws {TypeError} If `dnsServer` is no address.
 */
export function denoDriver({ dnsServer }: DenoDriverOptions = {}): SocketDriver {
  const { Deno: deno, process } = globalThis as unknown as { Deno: DenoNamespace; process: ProcessOfDeno };
  return {
    hasHostPaths: true,
    supports: (family, type) => supports(deno, family, type),
    options: (type) => type === SocketType.STREAM ? STREAM_OPTIONS : DATAGRAM_OPTIONS,
    listen: (address, options, events) => new DenoListener(deno, closing, address, options, events),
    connect: (address, local, options, events) => connect(deno, address, local, options, events),
    openDatagram: (local, options, events) =>
      new DenoDatagram(deno, process.getBuiltinModule("node:dgram"), local, options, events),
    flushed: () => departures.gone(),
    lookup: denoLookup(dnsServer),
  };
}

const closing: ClosingListeners = new ClosingListeners();

function supports(deno: DenoNamespace, family: Family, type: SocketType): Errno {
  if (family !== Family.UNIX) return Errno.SUCCESS;
  if (deno.build.os === "windows") return Errno.AFNOSUPPORT;
  return type === SocketType.STREAM ? Errno.SUCCESS : Errno.PROTONOSUPPORT;
}

function connect(
  deno: DenoNamespace,
  address: SocketAddress,
  local: SocketAddress | undefined,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  const { family, host, port } = address;
  if (family === Family.UNIX) return connectToPath(deno, address, local, options, events);
  if (port === 0) return refusedConnection(Errno.CONNREFUSED, events);
  if (local !== undefined && !isSameAddress(local, unspecifiedAddress(family))) {
    return connectFrom(deno, address, local, options, events);
  }
  const abort = new AbortController();
  const connection = new DenoConnection(family, options, events, abort);
  closing.whenNone(() => {
    deno.connect({ transport: "tcp", hostname: host, port, signal: abort.signal })
      .then((conn) => connection.open(conn), (error) => connection.fail(networkErrno(error)));
  });
  return connection;
}

function connectToPath(
  deno: DenoNamespace,
  address: SocketAddress,
  local: SocketAddress | undefined,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  // No API gives such a socket a name of its own.
  const errno = local !== undefined && local.host !== "" ? Errno.NOTSUP : checkUnixPath(address.host);
  if (errno !== Errno.SUCCESS) return refusedConnection(errno, events);
  const connection = new DenoConnection(Family.UNIX, options, events);
  const unnamed = unspecifiedAddress(Family.UNIX);
  closing.whenNone(() => {
    deno.connect({ transport: "unix", path: address.host })
      .then((conn) => connection.open(conn, unnamed, address), (error) => connection.fail(networkErrno(error)));
  });
  return connection;
}

/** `node:net` throws from within the event loop if a permission is missing. */
function connectFrom(
  deno: DenoNamespace,
  address: SocketAddress,
  local: SocketAddress,
  options: OptionValues,
  events: ConnectionEvents,
): ConnectionHandle {
  if (!mayReach(deno, address) || !mayReach(deno, local)) return refusedConnection(Errno.ACCES, events);
  const ready = new Promise<void>((resolve) => closing.whenNone(resolve));
  return new BoundConnection(address, local, options, events, ready);
}
