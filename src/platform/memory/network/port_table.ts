/** The owners of addresses: one table for TCP, one for UDP. */

import { unmappedAddress } from "../../../contract/address.ts";
import { Errno } from "../../../witx/errno.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import { isWildcard, withPort } from "./locality.ts";
import type { Failure } from "../../../contract/results.ts";

const FIRST_EPHEMERAL = 49152;
const LAST_EPHEMERAL = 65535;

interface Holding<Owner> {
  readonly owner: Owner;
  /** Unmapped. */
  readonly address: SocketAddress;
  /** True for the IPv6 wildcard of a dual-stack socket, which also receives for IPv4 addresses. */
  readonly isDual: boolean;
}

/** Addresses and their owners. */
export class PortTable<Owner> {
  readonly #byPort: Map<number, Holding<Owner>[]> = new Map();
  readonly #byPath: Map<string, Owner> = new Map();
  /** Ports of sockets without an entry, with their number of users. */
  readonly #reserved: Map<number, number> = new Map();
  #lastEphemeral = LAST_EPHEMERAL;

  /**
   * Binds an address to an owner.
   *
   * @param address Port 0 lets the table choose one.
   * @param v6Only True if the IPv6 wildcard excludes IPv4.
   * @returns The address with its port, or -ADDRINUSE.
   */
  bind(address: SocketAddress, v6Only: boolean, owner: Owner): SocketAddress | Failure {
    if (address.family === Family.UNIX) return this.#bindPath(address, owner);
    const port = address.port === 0 ? this.#choosePort() : address.port;
    if (port === undefined) return -Errno.ADDRINUSE;
    const bound = withPort(address, port);
    const holding = { owner, address: unmappedAddress(bound), isDual: isWildcard(bound) && isDual(bound, v6Only) };
    const holdings = this.#byPort.get(port) ?? [];
    if (holdings.some((other) => conflict(other, holding))) return -Errno.ADDRINUSE;
    holdings.push(holding);
    this.#byPort.set(port, holdings);
    return bound;
  }

  #bindPath(address: SocketAddress, owner: Owner): SocketAddress | Failure {
    if (address.host === "") return address;
    if (this.#byPath.has(address.host)) return -Errno.ADDRINUSE;
    this.#byPath.set(address.host, owner);
    return address;
  }

  /** Releases what {@linkcode bind} bound. */
  release(bound: SocketAddress, owner: Owner): void {
    if (bound.family === Family.UNIX) {
      if (this.#byPath.get(bound.host) === owner) this.#byPath.delete(bound.host);
      return;
    }
    const left = (this.#byPort.get(bound.port) ?? []).filter((holding) => holding.owner !== owner);
    if (left.length === 0) this.#byPort.delete(bound.port);
    else this.#byPort.set(bound.port, left);
  }

  /** Any owner of a port. */
  any(): Owner | undefined {
    for (const holdings of this.#byPort.values()) return holdings[0]?.owner;
    return undefined;
  }

  /** The receiver for an unmapped address: its owner, else the wildcard of its family, else a dual-stack one. */
  find(address: SocketAddress): Owner | undefined {
    if (address.family === Family.UNIX) return this.#byPath.get(address.host);
    const holdings = this.#byPort.get(address.port);
    if (holdings === undefined) return undefined;
    let best: Owner | undefined;
    let bestRank = 0;
    for (const holding of holdings) {
      const rank = rankOf(holding, address);
      if (rank <= bestRank) continue;
      best = holding.owner;
      bestRank = rank;
    }
    return best;
  }

  /**
   * Reserves a port for a socket that connects.
   *
   * @param port The port, or 0 to choose one.
   * @returns The port; 0 if none is left, or if it is taken.
   */
  reserve(port: number): number {
    const chosen = port === 0 ? this.#choosePort() : this.#byPort.has(port) ? undefined : port;
    if (chosen === undefined) return 0;
    this.#reserved.set(chosen, (this.#reserved.get(chosen) ?? 0) + 1);
    return chosen;
  }

  /** Releases what {@linkcode reserve} reserved. */
  unreserve(port: number): void {
    const left = (this.#reserved.get(port) ?? 0) - 1;
    if (left > 0) this.#reserved.set(port, left);
    else this.#reserved.delete(port);
  }

  #choosePort(): number | undefined {
    for (let tries = FIRST_EPHEMERAL; tries <= LAST_EPHEMERAL; tries++) {
      const port = this.#lastEphemeral === LAST_EPHEMERAL ? FIRST_EPHEMERAL : this.#lastEphemeral + 1;
      this.#lastEphemeral = port;
      if (!this.#byPort.has(port) && !this.#reserved.has(port)) return port;
    }
    return undefined;
  }
}

function isDual(address: SocketAddress, v6Only: boolean): boolean {
  return address.family === Family.INET6 && !v6Only;
}

function conflict(a: Holding<unknown>, b: Holding<unknown>): boolean {
  if (a.address.family !== b.address.family) return a.isDual || b.isDual;
  return a.address.host === b.address.host || isWildcard(a.address) || isWildcard(b.address);
}

function rankOf({ address, isDual }: Holding<unknown>, wanted: SocketAddress): number {
  if (address.family !== wanted.family) return isDual ? 1 : 0;
  if (address.host === wanted.host) return 3;
  return isWildcard(address) ? 2 : 0;
}
