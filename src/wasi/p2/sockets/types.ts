/** Canonical texts of the types of wasi:sockets. Source: wasi:sockets@0.2.12. */

import { ERROR_NAMES } from "./error_code.ts";

/** `error-code`. */
export function errorCodeType(): string {
  return `enum{${ERROR_NAMES.join(", ")}}`;
}

/** `ip-address-family`. */
export const FAMILY_TYPE: string = "enum{ipv4, ipv6}";

/** `shutdown-type`. */
export const SHUTDOWN_TYPE: string = "enum{receive, send, both}";

const IPV4 = "tuple<u8, u8, u8, u8>";
const IPV6 = "tuple<u16, u16, u16, u16, u16, u16, u16, u16>";

/** `ip-address`. */
export const IP_ADDRESS_TYPE: string = `variant{ipv4(${IPV4}), ipv6(${IPV6})}`;

const IPV4_SOCKET = `record{port: u16, address: ${IPV4}}`;
const IPV6_SOCKET = `record{port: u16, flow-info: u32, address: ${IPV6}, scope-id: u32}`;

/** `ip-socket-address`. */
export const SOCKET_ADDRESS_TYPE: string = `variant{ipv4(${IPV4_SOCKET}), ipv6(${IPV6_SOCKET})}`;

/** `incoming-datagram`. */
export const INCOMING_DATAGRAM_TYPE: string = `record{data: list<u8>, remote-address: ${SOCKET_ADDRESS_TYPE}}`;

/** `outgoing-datagram`. */
export const OUTGOING_DATAGRAM_TYPE: string = `record{data: list<u8>, remote-address: option<${SOCKET_ADDRESS_TYPE}>}`;
