/**
 * Sockets that are opened as paths, as wasi-go's extension `path_open` has it: with descriptor -1 and a path
 * `tcp+listen://HOST:PORT` or `tcp+dial://HOST:PORT` (`tcp4`, `tcp6`), `?nonblock=0&nodelay=1&reuseaddr=1&backlog=128`.
 */

import { Errno } from "../../witx/errno.ts";
import { SIGNATURES } from "../../witx/signatures.ts";
import { Fdflags } from "../../witx/types.ts";
import { andThen, type MaybePromise } from "../../core/io/maybe_promise.ts";
import { splitHostPort } from "../../text/host_port.ts";
import { addressOf, parseIp } from "../../contract/address.ts";
import { Family, type SocketAddress, SocketOption, SocketType } from "../../contract/network.ts";
import type { LookupResult, U32Result } from "../results.ts";
import type { System } from "../system.ts";
import type { Abi } from "./abi.ts";
import { type ImportFunction, importFunction } from "./import_function.ts";
import type { GuestMemory } from "./memory.ts";
import { resumed } from "./suspend.ts";

const NO_DIRECTORY = 0xffff_ffff;
const DEFAULT_BACKLOG = 128;

interface SocketPath {
  readonly action: "listen" | "dial";
  readonly family: Family | 0;
  readonly host: string;
  readonly port: number;
  readonly options: URLSearchParams;
}

/**
 * A `path_open` that opens sockets as well; it may return a promise.
 *
 * @param abi What the imports of the guest share.
 * @param openPath The import for all other paths.
 */
export function pathOpenWithSockets(abi: Abi, openPath: ImportFunction): ImportFunction {
  const { system, memory } = abi;
  const open = openPath as (...args: readonly unknown[]) => MaybePromise;
  return importFunction(abi, SIGNATURES["path_open"]!, (
    fd: number,
    dirflags: number,
    ptr: number,
    length: number,
    oflags: number,
    base: bigint,
    inheriting: bigint,
    fdflags: number,
    resultPtr: number,
  ): MaybePromise => {
    const path = fd === NO_DIRECTORY ? memory.readString(ptr, length) : undefined;
    const socket = typeof path === "string" ? parseSocketPath(path) : undefined;
    return socket === undefined
      ? open(fd, dirflags, ptr, length, oflags, base, inheriting, fdflags, resultPtr)
      : openSocket(system, memory, socket, resultPtr);
  });
}

function parseSocketPath(path: string): SocketPath | undefined {
  const match = /^(tcp[46]?)\+(listen|dial):\/\/([^?/]*:\d{1,5})(?:\?(.*))?$/.exec(path);
  const parts = splitHostPort(match?.[3] ?? "");
  if (match === null || parts === undefined || (parts.isBracketed && parts.host === "")) return undefined;
  const [, network, action, , query] = match;
  const family = network === "tcp4" ? Family.INET : network === "tcp6" ? Family.INET6 : 0;
  return {
    action: action as "listen" | "dial",
    family,
    host: parts.host,
    port: Number(parts.port),
    options: new URLSearchParams(query ?? ""),
  };
}

/** Open a socket at the first address that works. */
function openSocket(system: System, memory: GuestMemory, path: SocketPath, resultPtr: number): MaybePromise {
  const found: LookupResult = { addresses: [] };
  const openFrom = (i: number, failure: Errno): MaybePromise => {
    const address = found.addresses[i];
    if (address === undefined) return failure;
    const result: U32Result = { value: 0 };
    const opened = system.sock.open(address.family, SocketType.STREAM, result);
    if (opened !== Errno.SUCCESS) return openFrom(i + 1, opened);
    return resumed(memory, begin(system, result.value, path, { ...address, port: path.port }), (errno) => {
      if (errno === Errno.SUCCESS) return handOut(system, memory, path, result.value, resultPtr);
      system.fd.close(result.value);
      return openFrom(i + 1, errno);
    });
  };
  return resumed(memory, findAddresses(system, path, found), (errno) => errno || openFrom(0, Errno.NOENT));
}

function handOut(system: System, memory: GuestMemory, { options }: SocketPath, fd: number, resultPtr: number): Errno {
  if (options.get("nonblock") !== "0") system.fd.fdstatSetFlags(fd, Fdflags.NONBLOCK);
  memory.storeU32(resultPtr, fd);
  return Errno.SUCCESS;
}

function findAddresses(system: System, { host, port, family, action }: SocketPath, out: LookupResult): MaybePromise {
  if (port > 0xffff || (host === "" && action === "dial")) return Errno.INVAL;
  const bytes = host === "" ? new Uint8Array(family === Family.INET6 ? 16 : 4) : parseIp(host);
  if (bytes === undefined) return system.sock.lookup(host, family, out);
  const address = addressOf(bytes, port);
  if (family !== 0 && family !== address.family) return Errno.AFNOSUPPORT;
  out.addresses = [address];
  return Errno.SUCCESS;
}

function begin(system: System, fd: number, { action, options }: SocketPath, address: SocketAddress): MaybePromise {
  if (action === "dial") {
    system.sock.setOpt(fd, SocketOption.NODELAY, options.get("nodelay") === "0" ? 0 : 1);
    return system.sock.connect(fd, address);
  }
  system.sock.setOpt(fd, SocketOption.REUSEADDR, options.get("reuseaddr") === "0" ? 0 : 1);
  const backlog = Number(options.get("backlog") ?? DEFAULT_BACKLOG);
  return andThen(system.sock.bind(fd, address), () => system.sock.listen(fd, backlog));
}
