/** IP addresses as text and as bytes. */

import { Family, type SocketAddress } from "./network.ts";

/** The address of a socket that is not bound. */
export function unspecifiedAddress(family: Family): SocketAddress {
  return { family, host: family === Family.INET ? "0.0.0.0" : family === Family.INET6 ? "::" : "", port: 0 };
}

/** Make an address of an IP address in any spelling, or undefined if it is none. Of zones, only numbers are kept. */
export function inetAddress(host: string, port: number): SocketAddress | undefined {
  const bytes = parseIp(host);
  if (bytes === undefined) return undefined;
  const scopeId = Number(/%(\d+)$/.exec(host)?.[1] ?? 0);
  return scopeId > 0xffff_ffff ? undefined : withScope(addressOf(bytes, port), scopeId, 0);
}

/** The address with a scope id and flow information; the same object where both are 0. */
export function withScope(address: SocketAddress, scopeId: number, flowInfo: number): SocketAddress {
  if (scopeId === 0 && flowInfo === 0) return address;
  return { ...address, ...(scopeId === 0 ? {} : { scopeId }), ...(flowInfo === 0 ? {} : { flowInfo }) };
}

/** Make an address of 4 or 16 bytes. */
export function addressOf(bytes: Uint8Array, port: number): SocketAddress {
  return { family: bytes.length === 4 ? Family.INET : Family.INET6, host: ipText(bytes), port };
}

/** Where data for an address arrives: the unspecified address stands for this machine. */
export function destinationOf(address: SocketAddress): SocketAddress {
  const { family, host, port } = address;
  if (family === Family.INET && host === "0.0.0.0") return { family, host: "127.0.0.1", port };
  return family === Family.INET6 && host === "::" ? { family, host: "::1", port } : address;
}

/** What `localhost` means, without any lookup. */
export const LOCALHOST: readonly SocketAddress[] = [
  { family: Family.INET, host: "127.0.0.1", port: 0 },
  { family: Family.INET6, host: "::1", port: 0 },
];

/** @returns True if both name the same endpoint. */
export function isSameAddress(a: SocketAddress, b: SocketAddress): boolean {
  return a.port === b.port && a.host === b.host && a.family === b.family && (a.scopeId ?? 0) === (b.scopeId ?? 0);
}

/** For messages: `127.0.0.1:80`, `[::1]:80`, `[fe80::1%2]:80`, `unix:/path`. */
export function addressText({ family, host, port, scopeId = 0 }: SocketAddress): string {
  if (family === Family.UNIX) return `unix:${host}`;
  const zone = scopeId === 0 ? "" : `%${scopeId}`;
  return family === Family.INET6 ? `[${host}${zone}]:${port}` : `${host}:${port}`;
}

/**
 * Read an IPv4 or IPv6 address.
 *
 * @param text Dotted numbers, or the forms of RFC 4291; a zone (`%eth0`) is dropped.
 * @returns 4 or 16 bytes, or undefined if it is no address.
 */
export function parseIp(text: string): Uint8Array | undefined {
  return text.includes(":") ? parseIpv6(text.replace(/%.*$/, "")) : parseIpv4(text);
}

/** As inet_pton: no number has zeros in front, which some take for octal numbers. */
function parseIpv4(text: string): Uint8Array | undefined {
  const match = /^(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})\.(0|[1-9]\d{0,2})$/.exec(text);
  if (match === null) return undefined;
  const numbers = match.slice(1).map(Number);
  return numbers.every((number) => number <= 255) ? Uint8Array.from(numbers) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const bytes = new Uint8Array(16);
  [...head, ...new Array<number>(missing).fill(0), ...tail].forEach((group, i) => {
    bytes[2 * i] = group >> 8;
    bytes[2 * i + 1] = group & 0xff;
  });
  return bytes;
}

/** @param isEnd True if an IPv4 address may stand at the end. */
function groupsOf(text: string, isEnd: boolean): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [i, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(parseInt(part, 16));
      continue;
    }
    const v4 = isEnd && i === parts.length - 1 ? parseIpv4(part) : undefined;
    if (v4 === undefined) return undefined;
    groups.push(v4[0]! << 8 | v4[1]!, v4[2]! << 8 | v4[3]!);
  }
  return groups;
}

/** Write an address of 4 or 16 bytes as text, in the form of RFC 5952. */
export function ipText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(bytes[i]! << 8 | bytes[i + 1]!);
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join(".")}`;
  const [from, to] = longestZeros(groups);
  const text = (part: number[]): string => part.map((group) => group.toString(16)).join(":");
  return to - from < 2 ? text(groups) : `${text(groups.slice(0, from))}::${text(groups.slice(to))}`;
}

function longestZeros(groups: readonly number[]): [from: number, to: number] {
  let best: [number, number] = [0, 0];
  for (let from = 0; from < groups.length; from++) {
    let to = from;
    while (groups[to] === 0) to++;
    if (to - from > best[1] - best[0]) best = [from, to];
  }
  return best;
}

/** @returns True for an IPv4-mapped IPv6 address (`::ffff:1.2.3.4`). */
export function isMapped(bytes: Uint8Array): boolean {
  if (bytes.length !== 16 || bytes[10] !== 0xff || bytes[11] !== 0xff) return false;
  for (let i = 0; i < 10; i++) {
    if (bytes[i] !== 0) return false;
  }
  return true;
}

/** A socket address with the IPv4 address in place of a mapped one; any other address as it is. */
export function unmappedAddress(address: SocketAddress): SocketAddress {
  if (address.family !== Family.INET6) return address;
  const bytes = parseIp(address.host);
  return bytes !== undefined && isMapped(bytes) ? addressOf(bytes.subarray(12), address.port) : address;
}

/** The IPv4 address in a mapped one; any other address as it is. */
export function unmapped(bytes: Uint8Array): Uint8Array {
  return isMapped(bytes) ? bytes.subarray(12) : bytes;
}
