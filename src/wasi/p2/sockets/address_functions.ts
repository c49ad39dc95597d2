/** The getters of addresses, which TCP and UDP sockets share. */

import type { HostFunction } from "../../../component/link/function.ts";
import type { Family, SocketAddress } from "../../../contract/network.ts";
import { familyValue, socketAddressValue } from "./address_values.ts";
import { fallible, objectValue, valueFunction } from "./guest_sockets.ts";
import { FAMILY_TYPE, SOCKET_ADDRESS_TYPE } from "./types.ts";

/** A socket with addresses. Its calls return an address or a failure. */
interface AddressHolder {
  readonly family: Family;
  localAddress(): SocketAddress | number;
  remoteAddress(): SocketAddress | number;
}

/**
 * `local-address`, `remote-address` and `address-family`.
 *
 * @param self The first parameter as text.
 */
export function addressFunctions(self: string): Record<string, HostFunction> {
  const address = (read: (socket: AddressHolder) => SocketAddress | number): HostFunction =>
    valueFunction(
      () => fallible(self, SOCKET_ADDRESS_TYPE),
      ([socket]) => objectValue(read(socket as AddressHolder), socketAddressValue),
    );
  return {
    "local-address": address((socket) => socket.localAddress()),
    "remote-address": address((socket) => socket.remoteAddress()),
    "address-family": valueFunction(
      () => `func(${self}) -> ${FAMILY_TYPE}`,
      ([socket]) => familyValue((socket as AddressHolder).family),
    ),
  };
}
