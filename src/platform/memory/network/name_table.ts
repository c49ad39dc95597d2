/** The names of a virtual network. */

import { Errno } from "../../../witx/errno.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import { inetAddress, unmappedAddress } from "../../../contract/address.ts";
import { loopback } from "./locality.ts";
import type { Failure } from "../../../contract/results.ts";

/** Addresses by name: one, or several in the order of the results. */
export type HostTable = Readonly<Record<string, string | readonly string[]>>;

/** Names and their addresses. */
export class NameTable {
  readonly #addresses: Map<string, readonly SocketAddress[]> = new Map();

  /** @throws {TypeError} If something in the table is no IP address. */
  constructor(table: HostTable) {
    this.#addresses.set("localhost", [loopback(Family.INET, 0), loopback(Family.INET6, 0)]);
    for (const [name, hosts] of Object.entries(table)) {
      const list = typeof hosts === "string" ? [hosts] : hosts;
      this.#addresses.set(normalised(name), list.map((host) => addressOf(name, host)));
    }
  }

  /** All addresses, unmapped. */
  hosts(): Set<string> {
    const hosts = new Set<string>();
    for (const addresses of this.#addresses.values()) {
      for (const address of addresses) hosts.add(unmappedAddress(address).host);
    }
    return hosts;
  }

  /** Addresses of a name, port 0; -NOENT if it has none of the family. */
  lookup(name: string, family: Family | 0): readonly SocketAddress[] | Failure {
    const all = this.#addresses.get(normalised(name)) ?? [];
    const found = family === 0 ? all : all.filter((address) => address.family === family);
    return found.length > 0 ? found : -Errno.NOENT;
  }
}

function normalised(name: string): string {
  const lower = name.toLowerCase();
  const plain = lower.endsWith(".") ? lower.slice(0, -1) : lower;
  return plain.endsWith(".localhost") ? "localhost" : plain;
}

function addressOf(name: string, host: string): SocketAddress {
  const address = inetAddress(host, 0);
  if (address !== undefined) return address;
  throw new TypeError(`Cannot give "${name}" the address "${host}": it is no IP address`);
}
