/** Which addresses a socket of WASI may bind to, connect to and send to. */

import { isMapped, parseIp } from "../../../contract/address.ts";
import { Family, type SocketAddress } from "../../../contract/network.ts";
import { ErrorCode, failure, type SocketFailure } from "./error_code.ts";

const INVALID: SocketFailure = failure(ErrorCode.INVALID_ARGUMENT);

/** @returns 0, or `invalid-argument`: another family, or an IPv4 address in an IPv6 one. */
export function checkFamily(address: SocketAddress, family: Family): number {
  if (address.family !== family) return INVALID;
  return family === Family.INET6 && holdsIpv4(parseIp(address.host)!) ? INVALID : 0;
}

/** @returns 0, or `invalid-argument`: the wrong family, or no unicast address. */
export function checkUnicast(address: SocketAddress, family: Family): number {
  const checked = checkFamily(address, family);
  return checked < 0 || isUnicast(parseIp(address.host)!) ? checked : INVALID;
}

/** @returns 0, or `invalid-argument`: the wrong family, the unspecified address, or port 0. */
export function checkRemote(address: SocketAddress, family: Family): number {
  const checked = checkFamily(address, family);
  if (checked < 0) return checked;
  return address.port === 0 || isUnspecified(address) ? INVALID : 0;
}

/** True for `0.0.0.0` and `::`. */
function isUnspecified({ host }: SocketAddress): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** IPv4-mapped, or IPv4-compatible (RFC 4291 has deprecated those): `::a.b.c.d` other than `::` and `::1`. */
function holdsIpv4(bytes: Uint8Array): boolean {
  if (isMapped(bytes)) return true;
  for (let i = 0; i < 12; i++) {
    if (bytes[i] !== 0) return false;
  }
  return bytes[12] !== 0 || bytes[13] !== 0 || bytes[14] !== 0 || bytes[15]! > 1;
}

function isUnicast(bytes: Uint8Array): boolean {
  if (bytes.length === 16) return bytes[0] !== 0xff;
  const isMulticast = bytes[0]! >= 224 && bytes[0]! <= 239;
  return !isMulticast && !bytes.every((byte) => byte === 255);
}
