/** Addresses and options of sockets. */

import { addressText } from "../core/socket/address.ts";
import { type AddressResult, Family, LINGER_OFF, SocketOption, SocketType } from "../core/system.ts";
import type { LookupResult, SizeResult } from "../core/system.ts";
import { errnoName } from "../witx/errno.ts";
import { flagText, nameText } from "./flag_text.ts";
import { listText, quoted } from "./string_text.ts";

/** Addresses of a name that are shown. */
const MAX_ADDRESSES = 16;

const ROFLAGS = { RECV_DATA_TRUNCATED: 1 };

/** `127.0.0.1:80`, `[::1]:80`, `"unix:/path"`, or nothing where there is no address. */
export function endpointText({ address }: AddressResult): string {
  if (address === undefined) return "";
  const text = addressText(address);
  return address.family === Family.UNIX ? quoted(text) : text;
}

/** `12`, `12, RECV_DATA_TRUNCATED, 127.0.0.1:80`: what is there of count, flags and sender. */
export function receivedText(out: SizeResult, roFlags: SizeResult, from: AddressResult): string {
  const flags = roFlags.size === 0 ? "" : flagText(ROFLAGS, roFlags.size);
  return [String(out.size), flags, endpointText(from)].filter((word) => word !== "").join(", ");
}

/** `[127.0.0.1, ::1]`. */
export function addressesText({ addresses }: LookupResult): string {
  return listText(addresses.length, MAX_ADDRESSES, (i) => addresses[i]!.host);
}

/** Value of an option. */
export function optionText(option: SocketOption, value: number): string {
  if (option === SocketOption.ERROR) return value === 0 ? "0" : errnoName(value);
  if (option === SocketOption.TYPE) return nameText(SocketType, value);
  return option === SocketOption.LINGER && value === LINGER_OFF ? "off" : String(value);
}
