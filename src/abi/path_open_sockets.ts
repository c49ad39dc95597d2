/**
 * Sockets that are opened as paths, as wasi-go's extension `path_open` has it: with descriptor -1 and a path
 * `tcp+listen://HOST:PORT` or `tcp+dial://HOST:PORT` (`tcp4`, `tcp6`), `?nonblock=0&nodelay=1&reuseaddr=1&backlog=128`.
 */

import { Errno } from "../witx/errno.ts";
import { Fdflags } from "../witx/types.ts";
import { addressOf, parseIp } from "../core/socket/address.ts";
import {
  Family,
  type LookupResult,
  type SizeResult,
  type SocketAddress,
  SocketOption,
  SocketType,
  type System,
} from "../core/system.ts";
import type { GuestMemory } from "./memory.ts";
import type { ImportTable } from "./preview1.ts";

const NO_DIRECTORY = -1;
const DEFAULT_BACKLOG = 128;

type PathOpen = (
  fd: number,
  dirflags: number,
  ptr: number,
  length: number,
  oflags: number,
  base: bigint,
  inheriting: bigint,
  fdflags: number,
  resultPtr: number,
) => Errno;

interface SocketPath {
  readonly action: "listen" | "dial";
  readonly family: Family | 0;
  readonly host: string;
  readonly port: number;
  readonly options: URLSearchParams;
}

/**
 * The same functions, with a `path_open` that opens sockets as well. It may answer a promise.
 *
 * @param table Functions of preview 1.
 * @param system Answers the calls.
 * @param memory Memory of the guest.
 */
export function withPathOpenSockets(table: ImportTable, system: System, memory: GuestMemory): ImportTable {
  const openPath = table["path_open"] as PathOpen;
  return {
    ...table,
    path_open(...args: Parameters<PathOpen>): Errno | Promise<Errno> {
      const [fd, , ptr, length] = args;
      if (fd !== NO_DIRECTORY) return openPath(...args);
      memory.refresh();
      const path = memory.readString(ptr >>> 0, length >>> 0);
      const socket = typeof path === "string" ? parseSocketPath(path) : undefined;
      if (socket === undefined) return openPath(...args);
      return openSocket(system, memory, socket, args[8] >>> 0);
    },
  };
}

function parseSocketPath(path: string): SocketPath | undefined {
  const match = /^(tcp[46]?)\+(listen|dial):\/\/(?:\[([^\]]+)\]|([^:/?]*)):(\d{1,5})(?:\?(.*))?$/.exec(path);
  if (match === null) return undefined;
  const [, network, action, bracketed, plain, port, query] = match;
  const family = network === "tcp4" ? Family.INET : network === "tcp6" ? Family.INET6 : 0;
  return {
    action: action as "listen" | "dial",
    family,
    host: bracketed ?? plain ?? "",
    port: Number(port),
    options: new URLSearchParams(query ?? ""),
  };
}

async function openSocket(
  system: System,
  memory: GuestMemory,
  path: SocketPath,
  resultPtr: number,
): Promise<Errno> {
  if (!memory.holds(resultPtr, 4)) return Errno.FAULT;
  const addresses = await addressesOf(system, path);
  if (typeof addresses === "number") return addresses;
  let errno: Errno = Errno.NOENT;
  for (const address of addresses) {
    const result: SizeResult = { size: 0 };
    errno = system.sockOpen(address.family, SocketType.STREAM, result);
    if (errno !== Errno.SUCCESS) continue;
    errno = await begin(system, result.size, path, address);
    if (errno === Errno.SUCCESS) {
      if (path.options.get("nonblock") !== "0") system.fdFdstatSetFlags(result.size, Fdflags.NONBLOCK);
      memory.refresh();
      memory.storeU32(resultPtr, result.size);
      return errno;
    }
    system.fdClose(result.size);
  }
  return errno;
}

async function addressesOf(
  system: System,
  { host, port, family, action }: SocketPath,
): Promise<SocketAddress[] | Errno> {
  if (port > 0xffff) return Errno.INVAL;
  if (host === "") {
    const bytes = new Uint8Array(family === Family.INET6 ? 16 : 4);
    return action === "listen" ? [addressOf(bytes, port)] : Errno.INVAL;
  }
  const bytes = parseIp(host);
  if (bytes !== undefined) return [addressOf(bytes, port)];
  const found: LookupResult = { addresses: [] };
  const errno = await system.sockLookup(host, family, found);
  return errno || found.addresses.map((address) => ({ ...address, port }));
}

async function begin(system: System, fd: number, path: SocketPath, address: SocketAddress): Promise<Errno> {
  const { options } = path;
  if (path.action === "dial") {
    system.sockSetOpt(fd, SocketOption.NODELAY, options.get("nodelay") === "0" ? 0 : 1);
    return await system.sockConnect(fd, address);
  }
  system.sockSetOpt(fd, SocketOption.REUSEADDR, options.get("reuseaddr") === "0" ? 0 : 1);
  const bound = await system.sockBind(fd, address);
  return bound || await system.sockListen(fd, Number(options.get("backlog") ?? DEFAULT_BACKLOG));
}
