/** Names to addresses by `node:dns`, for Node and Bun. */

import { createRequire } from "node:module";
import type dns from "node:dns";
import { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress } from "../../contract/network.ts";
import type { SocketDriver } from "../../core/net/events/driver.ts";
import { inetAddress } from "../../contract/address.ts";
import { dnsServerText } from "../../core/net/dns/server_address.ts";
import type { Failure } from "../../contract/results.ts";

/** Ends a lookup: the addresses, or why there are none. */
type LookupCallback = (result: readonly SocketAddress[] | Failure) => void;

/** Results by codes of getaddrinfo(3) and of c-ares; any other failure is IO. */
const RESULTS: Readonly<Record<string, Failure>> = {
  ENOTFOUND: -Errno.NOENT,
  ENODATA: -Errno.NOENT,
  ENONAME: -Errno.NOENT,
  EBADNAME: -Errno.NOENT,
  EINVAL: -Errno.NOENT,
  ERR_INVALID_ARG_VALUE: -Errno.NOENT,
  EAI_AGAIN: -Errno.AGAIN,
  ESERVFAIL: -Errno.AGAIN,
  ETIMEOUT: -Errno.AGAIN,
  EACCES: -Errno.ACCES,
  EPERM: -Errno.ACCES,
};

function lookupFailure(error: unknown): Failure {
  const { code } = error as { code?: unknown };
  return typeof code === "string" && Object.hasOwn(RESULTS, code) ? RESULTS[code]! : -Errno.IO;
}

function loadDns(): typeof dns {
  return createRequire(import.meta.url)("node:dns") as typeof dns;
}

/**
 * Lookups by the system's resolver, or by a DNS server.
 *
 * @param dnsServer `ADDR[:PORT]` or `[ADDR]:PORT` of a server to ask in place of the system's resolver.
 * @throws {TypeError} If that is no address.
 */
export function nodeLookup(dnsServer: string | undefined): SocketDriver["lookup"] {
  if (dnsServer === undefined) return lookupBySystem;
  const server = dnsServerText(dnsServer);
  return (name, family, answer) =>
    isLocalhost(name) ? lookupBySystem(name, family, answer) : lookupByServer(server, name, family, answer);
}

/** RFC 6761: these names are never asked of a server. */
function isLocalhost(name: string): boolean {
  return /(^|\.)localhost\.?$/i.test(name);
}

function lookupBySystem(name: string, family: Family | 0, answer: LookupCallback): () => void {
  let over = false;
  const finish: LookupCallback = (result) => {
    if (over) return;
    over = true;
    answer(result);
  };
  const version = family === 0 ? 0 : family === Family.INET ? 4 : 6;
  try {
    loadDns().lookup(name, { all: true, family: version, order: "verbatim" }, (error, addresses) => {
      finish(error ? lookupFailure(error) : found(addresses.map(({ address }) => address)));
    });
  } catch (error) {
    queueMicrotask(() => finish(lookupFailure(error)));
  }
  return () => {
    over = true;
  };
}

function lookupByServer(server: string, name: string, family: Family | 0, answer: LookupCallback): () => void {
  const resolver = new (loadDns().Resolver)();
  resolver.setServers([server]);
  const results: { addresses?: string[]; failure?: Failure }[] = [];
  let missing = family === 0 ? 2 : 1;
  let over = false;

  function take(index: number, error: Error | null, addresses: string[] | undefined): void {
    results[index] = error === null ? { addresses: addresses ?? [] } : { failure: lookupFailure(error) };
    if (--missing > 0 || over) return;
    over = true;
    answer(merge(results));
  }

  if (family !== Family.INET6) resolver.resolve4(name, (error, addresses) => take(0, error, addresses));
  if (family !== Family.INET) resolver.resolve6(name, (error, addresses) => take(1, error, addresses));
  return () => {
    over = true;
    resolver.cancel();
  };
}

/** Addresses of either family; if there are none, an error that says more than "no such name" comes first. */
function merge(results: readonly { addresses?: string[]; failure?: Failure }[]): readonly SocketAddress[] | Failure {
  const addresses = results.flatMap((result) => result?.addresses ?? []);
  if (addresses.length > 0) return found(addresses);
  return results.find((result) => result?.failure !== undefined && result.failure !== -Errno.NOENT)?.failure ??
    -Errno.NOENT;
}

function found(hosts: readonly string[]): readonly SocketAddress[] | Failure {
  const addresses = hosts.map((host) => inetAddress(host, 0)).filter((address) => address !== undefined);
  return addresses.length === 0 ? -Errno.NOENT : addresses;
}
