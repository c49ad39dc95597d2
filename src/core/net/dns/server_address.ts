/** The address of the DNS server that replaces the system's resolver. */

import { parsePort, splitHostPort } from "../../../text/host_port.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import { addressText, inetAddress } from "../../../contract/address.ts";

const DNS_PORT = 53;

/**
 * Read `ADDRESS`, `ADDRESS:PORT` or `[IPv6]:PORT`.
 *
 * @param text The address; port 53 if it names none.
 * @returns The address, or undefined if it is invalid.
 */
export function readDnsServer(text: string): SocketAddress | undefined {
  const parts = splitHostPort(text);
  if (parts === undefined) return inetAddress(text, DNS_PORT);
  const port = parts.port === undefined ? DNS_PORT : parsePort(parts.port);
  const address = port === undefined || port === 0 ? undefined : inetAddress(parts.host, port);
  return parts.isBracketed === (address?.family === Family.INET6) ? address : undefined;
}

/**
 * Like {@linkcode readDnsServer}.
 *
 * @throws {TypeError} If it is invalid.
 */
export function parseDnsServer(text: string): SocketAddress {
  const address = readDnsServer(text);
  if (address !== undefined) return address;
  throw new TypeError(`not an address of a DNS server: "${text}" (expected ADDRESS, ADDRESS:PORT or [IPv6]:PORT)`);
}

/** Like {@linkcode parseDnsServer}, in the form that the runtimes' resolvers accept. */
export function dnsServerText(text: string): string {
  return addressText(parseDnsServer(text));
}
