/** Addresses as values of the JS conventions. */

import { addressOf, parseIp, withScope } from "../../../contract/address.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";

/** `ip-address-family`. */
export type FamilyValue = "ipv4" | "ipv6";

/** `ipv4-socket-address`. */
export interface Ipv4SocketAddressValue {
  /** Port (u16). */
  readonly port: number;
  /** Four bytes. */
  readonly address: readonly number[];
}

/** `ipv6-socket-address`. */
export interface Ipv6SocketAddressValue {
  /** Port (u16). */
  readonly port: number;
  /** Flow label and traffic class (u32). */
  readonly flowInfo: number;
  /** Eight numbers of 16 bits. */
  readonly address: readonly number[];
  /** Index of an interface (u32). */
  readonly scopeId: number;
}

/** `ip-socket-address`. */
export type SocketAddressValue =
  | { readonly tag: "ipv4"; readonly val: Ipv4SocketAddressValue }
  | { readonly tag: "ipv6"; readonly val: Ipv6SocketAddressValue };

/** The value of an IP family. */
export function familyValue(family: Family): FamilyValue {
  return family === Family.INET ? "ipv4" : "ipv6";
}

/** The address of a value. */
export function socketAddressOf(value: SocketAddressValue): SocketAddress {
  if (value.tag === "ipv4") return addressOf(Uint8Array.from(value.val.address), value.val.port);
  const { port, flowInfo, address, scopeId } = value.val;
  return withScope(addressOf(bytesOfGroups(address), port), scopeId, flowInfo);
}

/** The value of an address. */
export function socketAddressValue({ host, port, scopeId = 0, flowInfo = 0 }: SocketAddress): SocketAddressValue {
  const bytes = parseIp(host)!;
  if (bytes.length === 4) return { tag: "ipv4", val: { port, address: [...bytes] } };
  return { tag: "ipv6", val: { port, flowInfo, address: groupsOf(bytes), scopeId } };
}

function groupsOf(bytes: Uint8Array): number[] {
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(bytes[i]! << 8 | bytes[i + 1]!);
  return groups;
}

function bytesOfGroups(groups: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(16);
  for (let i = 0; i < 8; i++) {
    bytes[2 * i] = groups[i]! >> 8;
    bytes[2 * i + 1] = groups[i]! & 0xff;
  }
  return bytes;
}
