/** Names to addresses: by the system's resolver, which of all that Deno has only `node:dns` asks, or by a DNS server. */

import { parseDnsServer } from "../../core/net/dns/server_address.ts";
import { Errno } from "../../witx/errno.ts";
import { Family, type SocketAddress } from "../../contract/network.ts";
import { inetAddress } from "../../contract/address.ts";
import type { SocketDriver } from "../../core/net/events/driver.ts";
import { networkErrno } from "./errors.ts";
import type { DenoNamespace, NodeDnsOfDeno, ProcessOfDeno } from "./api.ts";
import type { Failure } from "../../contract/results.ts";

/** Ends a lookup: the addresses, or why there are none. */
type LookupCallback = (result: readonly SocketAddress[] | Failure) => void;

const FAMILIES = { [Family.INET]: 4, [Family.INET6]: 6 } as const;

/**
 * Lookups by the system's resolver.
 *
 * @param loadDns `node:dns`, loaded when a guest first looks up a name.
 */
export function systemLookup(loadDns: () => NodeDnsOfDeno): SocketDriver["lookup"] {
  return (name, family, answer) => {
    let over = false;
    const finish: LookupCallback = (result) => {
      if (!over) answer(result);
      over = true;
    };
    const version = family === 0 || family === Family.UNIX ? 0 : FAMILIES[family];
    try {
      loadDns().lookup(name, { all: true, family: version, order: "verbatim" }, (error, addresses) => {
        finish(error === null ? found(addresses.map(({ address }) => address)) : systemFailure(error));
      });
    } catch (error) {
      queueMicrotask(() => finish(systemFailure(error)));
    }
    return () => {
      over = true;
    };
  };
}

function systemFailure(error: unknown): Failure {
  const { code } = error as { code?: unknown };
  switch (code) {
    case "ENOTFOUND":
    case "ENODATA":
    case "ERR_INVALID_ARG_VALUE":
      return -Errno.NOENT;
    case "EAI_AGAIN":
      return -Errno.AGAIN;
    case "EPERM":
      return -Errno.ACCES;
    default:
      return networkErrno(error) === Errno.ACCES ? -Errno.ACCES : -Errno.IO;
  }
}

/**
 * Lookups by a DNS server. What names this machine itself is left to the system (RFC 6761).
 *
 * @param deno The runtime.
 * @param server Where the DNS server is.
 * @param bySystem Lookups by the system's resolver.
 */
export function serverLookup(
  deno: DenoNamespace,
  server: SocketAddress,
  bySystem: SocketDriver["lookup"],
): SocketDriver["lookup"] {
  const nameServer = { ipAddr: server.host, port: server.port };
  return (name, family, answer) => {
    if (/(^|\.)localhost\.?$/i.test(name)) return bySystem(name, family, answer);
    const abort = new AbortController();
    const ask = (type: "A" | "AAAA"): Promise<string[] | Failure> =>
      resolve(deno, name, type, { nameServer, signal: abort.signal });
    const types = (["A", "AAAA"] as const).filter((type) => family !== (type === "A" ? Family.INET6 : Family.INET));
    Promise.all(types.map(ask)).then((results) => {
      if (!abort.signal.aborted) answer(merge(results));
    });
    return () => abort.abort();
  };
}

/** Never rejects. */
async function resolve(
  deno: DenoNamespace,
  name: string,
  type: "A" | "AAAA",
  options: Parameters<DenoNamespace["resolveDns"]>[2],
): Promise<string[] | Failure> {
  if (name === "") return -Errno.NOENT;
  try {
    return await deno.resolveDns(name, type, options);
  } catch (error) {
    return serverFailure(error);
  }
}

/** Deno has no class for a name that can't be one, nor for a server that fails. */
function serverFailure(error: unknown): Failure {
  const { name, message } = error as { name: unknown; message: unknown };
  switch (name) {
    case "NotFound":
      return -Errno.NOENT;
    case "TimedOut":
      return -Errno.AGAIN;
    case "NotCapable":
    case "PermissionDenied":
      return -Errno.ACCES;
    default:
      return /label|unrecognized char|name (too|is too) long/i.test(String(message)) ? -Errno.NOENT : -Errno.IO;
  }
}

/** Addresses of either family; if there are none, an error that says more than "no such name" comes first. */
function merge(results: readonly (readonly string[] | Failure)[]): readonly SocketAddress[] | Failure {
  const hosts = results.flatMap((result) => typeof result === "number" ? [] : result);
  if (hosts.length > 0) return found(hosts);
  return results.find((result) => typeof result === "number" && result !== -Errno.NOENT) as Failure ?? -Errno.NOENT;
}

function found(hosts: readonly string[]): readonly SocketAddress[] | Failure {
  const addresses = hosts.map((host) => inetAddress(host, 0)).filter((address) => address !== undefined);
  return addresses.length === 0 ? -Errno.NOENT : addresses;
}

/**
 * Lookups on Deno.
 *
 * @param dnsServer As for `Platform.network`.
 * @throws {TypeError} If it is no address.
 */
export function denoLookup(dnsServer: string | undefined): SocketDriver["lookup"] {
  const { Deno: deno, process } = globalThis as unknown as { Deno: DenoNamespace; process: ProcessOfDeno };
  const bySystem = systemLookup(() => process.getBuiltinModule("node:dns"));
  return dnsServer === undefined ? bySystem : serverLookup(deno, parseDnsServer(dnsServer), bySystem);
}
