/** The DNS server that a user names instead of the system's resolver. */

import { addressText, inetAddress } from "../core/socket/address.ts";
import type { SocketAddress } from "../core/network.ts";

const DNS_PORT = 53;

/**
 * Read `ADDR`, `ADDR:PORT` or `[ADDR]:PORT`.
 *
 * @param text The address; port 53 if it names none.
 * @throws {TypeError} If it is no address.
 */
export function parseDnsServer(text: string): SocketAddress {
  const match = /^\[([^\]]+)\](?::(\d{1,5}))?$/.exec(text) ?? /^([^:]+)(?::(\d{1,5}))?$/.exec(text);
  const port = Number(match?.[2] ?? DNS_PORT);
  const address = inetAddress(match?.[1] ?? text, port);
  if (address === undefined || port < 1 || port > 65535) {
    throw new TypeError(`not an address of a DNS server: "${text}" (expected ADDR[:PORT] or [ADDR]:PORT)`);
  }
  return address;
}

/** As {@linkcode parseDnsServer}, in the one spelling that resolvers take. */
export function dnsServerText(text: string): string {
  return addressText(parseDnsServer(text));
}
