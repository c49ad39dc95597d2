/** The DNS server that a user names instead of the system's resolver. */

import type { SocketAddress } from "../network.ts";
import { addressText, inetAddress } from "./address.ts";

const DNS_PORT = 53;

/**
 * Read `ADDR`, `ADDR:PORT` or `[ADDR]:PORT`.
 *
 * @param text The address; port 53 if it names none.
 * @returns The address, or undefined if it is none.
 */
export function readDnsServer(text: string): SocketAddress | undefined {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[2] ?? DNS_PORT);
  return port >= 1 && port <= 65535 ? inetAddress(match?.[1] ?? text, port) : undefined;
}

/**
 * As {@linkcode readDnsServer}.
 *
 * @throws {TypeError} If it is no address.
 */
export function parseDnsServer(text: string): SocketAddress {
  const address = readDnsServer(text);
  if (address !== undefined) return address;
  throw new TypeError(`not an address of a DNS server: "${text}" (expected ADDR[:PORT] or [ADDR]:PORT)`);
}

/** As {@linkcode parseDnsServer}, in the one spelling that resolvers take. */
export function dnsServerText(text: string): string {
  return addressText(parseDnsServer(text));
}
