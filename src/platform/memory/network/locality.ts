/** Which addresses a virtual network has. */

import { Errno } from "../../../witx/errno.ts";
import { Family, type SocketAddress } from "../../../core/network.ts";

const MAPPED = "::ffff:";

/** @returns True for an IPv4 address in the clothes of IPv6. */
export function isMappedAddress({ family, host }: SocketAddress): boolean {
  return family === Family.INET6 && host.startsWith(MAPPED) && host.includes(".");
}

/** The IPv4 address in a mapped one; any other address as it is. */
export function unmappedAddress(address: SocketAddress): SocketAddress {
  if (!isMappedAddress(address)) return address;
  return { family: Family.INET, host: address.host.slice(MAPPED.length), port: address.port };
}

/** An address as a socket of `family` sees it: an IPv4 address is mapped for one of IPv6. */
export function asSeenBy(family: Family, address: SocketAddress): SocketAddress {
  if (family !== Family.INET6 || address.family !== Family.INET) return address;
  return { family, host: MAPPED + address.host, port: address.port };
}

/** @returns True for the address that stands for all of its family. */
export function isWildcard({ family, host }: SocketAddress): boolean {
  return family === Family.INET ? host === "0.0.0.0" : family === Family.INET6 && host === "::";
}

/** The address with another port. */
export function withPort({ family, host }: SocketAddress, port: number): SocketAddress {
  return { family, host, port };
}

/** The addresses that belong to a network: loopback, and those of its table of names. */
export class Locality {
  readonly #hosts: ReadonlySet<string>;

  /** @param hosts Addresses beside loopback, in their shortest form. */
  constructor(hosts: ReadonlySet<string>) {
    this.#hosts = hosts;
  }

  /** @returns True for an unmapped address that a socket may have, the wildcards not among them. */
  has({ family, host }: SocketAddress): boolean {
    if (family === Family.UNIX) return true;
    return (family === Family.INET ? host.startsWith("127.") : host === "::1") || this.#hosts.has(host);
  }

  /** Whether a socket may be bound to an address, which may be a mapped one. Answers SUCCESS or ADDRNOTAVAIL. */
  bindable(address: SocketAddress): Errno {
    const plain = unmappedAddress(address);
    return isWildcard(plain) || this.has(plain) ? Errno.SUCCESS : Errno.ADDRNOTAVAIL;
  }

  /** Where bytes for an address go, unmapped: a wildcard means loopback. Answers NETUNREACH for what is not of this network. */
  destination(address: SocketAddress): SocketAddress | Errno {
    const plain = unmappedAddress(address);
    if (isWildcard(plain)) return loopback(plain.family, plain.port);
    return this.has(plain) ? plain : Errno.NETUNREACH;
  }

  /** The address that a socket without one of its own has towards `destination`. */
  sourceFor(destination: SocketAddress, port: number): SocketAddress {
    if (destination.family === Family.INET && destination.host.startsWith("127.")) return loopback(Family.INET, port);
    return withPort(destination, port);
  }
}

/** The loopback address of a family. */
export function loopback(family: Family, port: number): SocketAddress {
  return { family, host: family === Family.INET ? "127.0.0.1" : "::1", port };
}
