/** Which addresses a virtual network has. */

import { unmappedAddress } from "../../../contract/address.ts";
import { Errno } from "../../../witx/errno.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import type { Failure } from "../../../contract/results.ts";

const MAPPED = "::ffff:";

/** Converts an address to a family: an IPv4 address is mapped for an IPv6 socket. */
export function asSeenBy(family: Family, address: SocketAddress): SocketAddress {
  if (family !== Family.INET6 || address.family !== Family.INET) return address;
  return { family, host: MAPPED + address.host, port: address.port };
}

/** True for the wildcard address of a family. */
export function isWildcard({ family, host }: SocketAddress): boolean {
  return family === Family.INET ? host === "0.0.0.0" : family === Family.INET6 && host === "::";
}

/** The address with another port. */
export function withPort({ family, host }: SocketAddress, port: number): SocketAddress {
  return { family, host, port };
}

/** The local addresses of a network: loopback and those of its names. */
export class Locality {
  readonly #hosts: ReadonlySet<string>;

  /** @param hosts Addresses other than loopback, in their shortest form. */
  constructor(hosts: ReadonlySet<string>) {
    this.#hosts = hosts;
  }

  /** True for an unmapped local address, except wildcards. */
  has({ family, host }: SocketAddress): boolean {
    if (family === Family.UNIX) return true;
    return (family === Family.INET ? host.startsWith("127.") : host === "::1") || this.#hosts.has(host);
  }

  /** Checks that a socket may be bound to an address, which may be mapped. @returns 0 or -ADDRNOTAVAIL. */
  checkBindable(address: SocketAddress): number {
    const plain = unmappedAddress(address);
    return isWildcard(plain) || this.has(plain) ? 0 : -Errno.ADDRNOTAVAIL;
  }

  /**
   * The destination for an address, unmapped: a wildcard means loopback. @returns -NETUNREACH for an address outside
   * this network.
   */
  destination(address: SocketAddress): SocketAddress | Failure {
    const plain = unmappedAddress(address);
    if (isWildcard(plain)) return loopback(plain.family, plain.port);
    return this.has(plain) ? plain : -Errno.NETUNREACH;
  }

  /** The source address of an unbound socket towards `destination`. */
  sourceFor(destination: SocketAddress, port: number): SocketAddress {
    if (destination.family === Family.INET && destination.host.startsWith("127.")) return loopback(Family.INET, port);
    return withPort(destination, port);
  }
}

/** The loopback address of a family. */
export function loopback(family: Family, port: number): SocketAddress {
  return { family, host: family === Family.INET ? "127.0.0.1" : "::1", port };
}
