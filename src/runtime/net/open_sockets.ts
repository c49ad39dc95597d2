/** Opens the sockets that a guest starts with. */

import { Errno, errnoName } from "../../witx/errno.ts";
import {
  Family,
  type PlatformNetwork,
  type PlatformSocket,
  type SocketAddress,
  SocketOption,
  SocketType,
  type Wakeable,
} from "../../contract/network.ts";
import type { Waiter } from "../../contract/platform.ts";
import { Interest } from "../../contract/pollable.ts";
import { nameLookup } from "../../core/net/name_lookup.ts";
import { type Endpoint, EndpointError } from "./endpoint.ts";
import { errnoFromResult } from "../../contract/results.ts";

/** Backlog of listeners. */
const BACKLOG = 128;

/** Opens sockets. */
interface Opener {
  readonly network: PlatformNetwork;
  readonly wake: Wakeable;
  readonly waiter: Waiter;
}

/**
 * Opens listening and connected sockets. Names are looked up; the first address that works is used,
 * IPv4 before IPv6.
 *
 * @param endpoints The endpoints.
 * @param network The network.
 * @param wake Notified of their events, now and later.
 * @param waiter How to wait for them.
 * @returns The sockets, in the order of the endpoints. If one can't be opened, all are closed.
 * @throws {EndpointError} For the first that can't be opened.
 */
export async function openSockets(
  endpoints: readonly Endpoint[],
  network: PlatformNetwork,
  wake: Wakeable,
  waiter: Waiter,
): Promise<PlatformSocket[]> {
  const opener: Opener = { network, wake, waiter };
  const sockets: PlatformSocket[] = [];
  try {
    for (const endpoint of endpoints) sockets.push(await openFirst(endpoint, opener));
  } catch (error) {
    for (const socket of sockets) socket.close();
    throw error;
  }
  return sockets;
}

async function openFirst(endpoint: Endpoint, opener: Opener): Promise<PlatformSocket> {
  let errno: Errno = Errno.NOENT;
  let failed: SocketAddress | undefined;
  for (const address of await addressesOf(endpoint, opener.network)) {
    const socket = await open(endpoint, address, opener);
    if (typeof socket !== "number") return socket;
    if (failed === undefined) [errno, failed] = [socket, address];
  }
  throw new EndpointError(endpoint.action, endpoint.text, reasonOf(errno, failed));
}

async function addressesOf({ action, text, place }: Endpoint, network: PlatformNetwork): Promise<SocketAddress[]> {
  if ("family" in place) return [place];
  const found = await nameLookup(network)(place.host);
  if (typeof found === "number" || found.length === 0) {
    throw new EndpointError(action, text, lookupReason(place.host, found));
  }
  return found.map((address) => ({ ...address, port: place.port })).sort((a, b) => a.family - b.family);
}

function lookupReason(name: string, found: Errno | readonly SocketAddress[]): string {
  if (found === Errno.ACCES || found === Errno.PERM) return `the runtime does not permit to look up ${name}`;
  if (typeof found !== "number" || found === Errno.NOENT) return `there is no host ${name}; check the name`;
  return `the name ${name} can't be resolved now (${errnoName(found)})`;
}

async function open(
  { action }: Endpoint,
  address: SocketAddress,
  { network, wake, waiter }: Opener,
): Promise<PlatformSocket | Errno> {
  const socket = network.socket(address.family, SocketType.STREAM, wake);
  if (typeof socket === "number") return errnoFromResult(socket);
  // As Go does for its own sockets; a guest can't set it on a socket it gets. Unsupported is fine.
  socket.setOption(SocketOption.NODELAY, 1);
  const errno = action === "listen"
    ? await listen(socket, address, waiter)
    : await finished(socket, socket.connect(address), waiter);
  if (errno === Errno.SUCCESS) return socket;
  socket.close();
  return errno;
}

async function listen(socket: PlatformSocket, address: SocketAddress, waiter: Waiter): Promise<Errno> {
  // Unsupported is fine.
  if (address.family !== Family.UNIX) socket.setOption(SocketOption.REUSEADDR, 1);
  const errno = await finished(socket, socket.bind(address), waiter);
  return errno === Errno.SUCCESS ? await finished(socket, socket.listen(BACKLOG), waiter) : errno;
}

async function finished(socket: PlatformSocket, begun: number, waiter: Waiter): Promise<Errno> {
  let result = begun;
  while (result === -Errno.INPROGRESS) {
    await waiter.wait([socket], [Interest.WRITE], Infinity);
    result = socket.finish();
  }
  return errnoFromResult(result);
}

function reasonOf(errno: Errno, address: SocketAddress | undefined): string {
  switch (errno) {
    case Errno.ADDRINUSE:
      return address?.family === Family.UNIX
        ? "the path already exists; remove it or use another path"
        : "the address is in use; stop what listens there, or take another port";
    case Errno.ADDRNOTAVAIL:
      return "this machine has no such address";
    case Errno.ACCES:
    case Errno.PERM:
      return "permission denied; ports below 1024 need privileges, and Deno needs --allow-net";
    case Errno.CONNREFUSED:
      return "the connection was refused; is there anything that listens?";
    case Errno.NOENT:
      return "there is no such file or directory";
    case Errno.TIMEDOUT:
      return "the connection timed out";
    case Errno.HOSTUNREACH:
    case Errno.NETUNREACH:
      return "there is no way to that address";
    case Errno.AFNOSUPPORT:
    case Errno.PROTONOSUPPORT:
      return "this runtime or system has no sockets of this kind";
    default:
      return errnoName(errno);
  }
}
