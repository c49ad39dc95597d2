/** Opening the sockets that a guest starts with. */

import { Errno, errnoName } from "../witx/errno.ts";
import {
  Family,
  type PlatformNetwork,
  type PlatformSocket,
  type SocketAddress,
  SocketOption,
  SocketType,
  type Wakeable,
} from "../core/network.ts";
import type { Waiter } from "../core/platform.ts";
import { Interest } from "../core/pollable.ts";
import { nameLookup } from "../core/socket/name_lookup.ts";
import { type Endpoint, EndpointError } from "./endpoint.ts";

/** Connections that may wait to be accepted. */
const BACKLOG = 128;

/** What makes the sockets. */
interface Opener {
  readonly network: PlatformNetwork;
  readonly wake: Wakeable;
  readonly waiter: Waiter;
}

/**
 * Open sockets: listening, or connected. Names are looked up; of several addresses the first that can be had is taken,
 * IPv4 before IPv6.
 *
 * @param endpoints Which.
 * @param network Makes them.
 * @param wake Notified of all that happens to them, now and later.
 * @param waiter How to wait for them.
 * @returns The sockets, in the order of the endpoints. If one can't be had, all are closed.
 * @throws {EndpointError} Naming the one that can't be had, and why.
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
  if (typeof socket === "number") return socket;
  // As Go has it for its own sockets; a guest that is given one can't ask for it. Where there is no such option, fine.
  socket.setOption(SocketOption.NODELAY, 1);
  const errno = action === "listen"
    ? await listen(socket, address, waiter)
    : await finished(socket, socket.connect(address), waiter);
  if (errno === Errno.SUCCESS) return socket;
  socket.close();
  return errno;
}

async function listen(socket: PlatformSocket, address: SocketAddress, waiter: Waiter): Promise<Errno> {
  // Where there is no such option the system does without.
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
  return -result as Errno;
}

function reasonOf(errno: Errno, address: SocketAddress | undefined): string {
  switch (errno) {
    case Errno.ADDRINUSE:
      return address?.family === Family.UNIX
        ? "there is something of this name already; remove it, or take another path"
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
      return "there was no answer in time";
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
