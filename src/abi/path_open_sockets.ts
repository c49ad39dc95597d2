/**
 * Sockets that are opened as paths, as wasi-go's extension `path_open` has it: with descriptor -1 and a path
 * `tcp+listen://HOST:PORT` or `tcp+dial://HOST:PORT` (`tcp4`, `tcp6`), `?nonblock=0&nodelay=1&reuseaddr=1&backlog=128`.
 */

import { Errno } from "../witx/errno.ts";
import { Fdflags } from "../witx/types.ts";
import { andThen, type Answer, settled } from "../core/answer.ts";
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
    path_open(...args: Parameters<PathOpen>): Answer {
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

/** Open a socket at the first address that can be had. A guest without a network has its answer at once. */
function openSocket(system: System, memory: GuestMemory, path: SocketPath, resultPtr: number): Answer {
  if (!memory.holds(resultPtr, 4)) return Errno.FAULT;
  const found: LookupResult = { addresses: [] };
  const openFrom = (i: number, failure: Errno): Answer => {
    const address = found.addresses[i];
    if (address === undefined) return failure;
    const result: SizeResult = { size: 0 };
    const opened = system.sockOpen(address.family, SocketType.STREAM, result);
    if (opened !== Errno.SUCCESS) return openFrom(i + 1, opened);
    return settled(begin(system, result.size, path, { ...address, port: path.port }), (errno) => {
      if (errno === Errno.SUCCESS) return handOut(system, memory, path, result.size, resultPtr);
      system.fdClose(result.size);
      return openFrom(i + 1, errno);
    });
  };
  return andThen(findAddresses(system, path, found), () => openFrom(0, Errno.NOENT));
}

function handOut(system: System, memory: GuestMemory, { options }: SocketPath, fd: number, resultPtr: number): Errno {
  if (options.get("nonblock") !== "0") system.fdFdstatSetFlags(fd, Fdflags.NONBLOCK);
  memory.refresh();
  memory.storeU32(resultPtr, fd);
  return Errno.SUCCESS;
}

function findAddresses(system: System, { host, port, family, action }: SocketPath, out: LookupResult): Answer {
  if (port > 0xffff || (host === "" && action === "dial")) return Errno.INVAL;
  const bytes = host === "" ? new Uint8Array(family === Family.INET6 ? 16 : 4) : parseIp(host);
  if (bytes === undefined) return system.sockLookup(host, family, out);
  const address = addressOf(bytes, port);
  if (family !== 0 && family !== address.family) return Errno.AFNOSUPPORT;
  out.addresses = [address];
  return Errno.SUCCESS;
}

function begin(system: System, fd: number, { action, options }: SocketPath, address: SocketAddress): Answer {
  if (action === "dial") {
    system.sockSetOpt(fd, SocketOption.NODELAY, options.get("nodelay") === "0" ? 0 : 1);
    return system.sockConnect(fd, address);
  }
  system.sockSetOpt(fd, SocketOption.REUSEADDR, options.get("reuseaddr") === "0" ? 0 : 1);
  const backlog = Number(options.get("backlog") ?? DEFAULT_BACKLOG);
  return andThen(system.sockBind(fd, address), () => system.sockListen(fd, backlog));
}
