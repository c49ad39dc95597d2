/** Addresses in the form that host programs use, and errors for them. */

import { type Errno, errnoName } from "../../../witx/errno.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import { addressText, inetAddress } from "../../../contract/address.ts";
import type { NameTable } from "./name_table.ts";
import type { Failure } from "../../../contract/results.ts";

/** An address of TCP or UDP. */
export interface VirtualInetAddress {
  /** IP address, or a name that the network knows. Default: `localhost`. */
  readonly host?: string;
  /** Port; 0 lets the network choose one to listen at. */
  readonly port: number;
}

/** An address of a unix socket: a name of the virtual network, not of any file system. */
export interface VirtualUnixAddress {
  /** Path. */
  readonly path: string;
}

/** An address that a host program connects to or listens on. */
export type VirtualAddress = VirtualInetAddress | VirtualUnixAddress;

/** A failed operation on a virtual network. */
export class VirtualNetworkError extends Error {
  /** Always `VirtualNetworkError`. */
  override readonly name = "VirtualNetworkError";
  /** Its number. */
  readonly errno: Errno;
  /** Its name: `CONNREFUSED`, `ADDRINUSE`, … */
  readonly code: string;

  /**
   * Make the error.
   *
   * @param action What was tried, for the message.
   * @param errno Why it failed.
   */
  constructor(action: string, errno: Errno) {
    const code = errnoName(errno);
    super(`${action}: ${code}`);
    this.errno = errno;
    this.code = code;
  }
}

/**
 * Resolves an address of a host program; a name may have several.
 *
 * @throws {TypeError} If it is none.
 * @returns Minus an errno if the network does not know the name.
 */
export function resolveAddress(names: NameTable, address: VirtualAddress): readonly SocketAddress[] | Failure {
  if ("path" in address) return [unixAddress(address.path)];
  const { host = "localhost", port } = address;
  if (!Number.isInteger(port) || port < 0 || port > 65535) {
    throw new TypeError(`Cannot use the port ${port}: it is no whole number from 0 to 65535`);
  }
  const literal = inetAddress(host, port);
  if (literal !== undefined) return [literal];
  const found = names.lookup(host, 0);
  return typeof found === "number" ? found : found.map((at) => ({ family: at.family, host: at.host, port }));
}

function unixAddress(path: string): SocketAddress {
  if (path === "") throw new TypeError("Cannot use an empty path as the address of a unix socket");
  return { family: Family.UNIX, host: path, port: 0 };
}

/** Converts an address to the form for host programs. */
export function publicAddress({ family, host, port }: SocketAddress): VirtualAddress {
  return family === Family.UNIX ? { path: host } : { host, port };
}

/** For messages. */
export function virtualAddressText(address: VirtualAddress): string {
  if ("path" in address) return `unix:${address.path}`;
  const { host = "localhost", port } = address;
  const inet = inetAddress(host, port);
  return inet === undefined ? `${host}:${port}` : addressText(inet);
}
