/** Deno's permissions on the network. */

import { type SocketAddress } from "../core/network.ts";
import { addressText } from "../core/socket/address.ts";
import type { DenoNamespace } from "./types/deno.ts";

/** @returns True if the process may reach an address; the user is not asked. */
export function mayReach(deno: DenoNamespace, address: SocketAddress): boolean {
  return deno.permissions.querySync({ name: "net", host: addressText(address) }).state === "granted";
}
