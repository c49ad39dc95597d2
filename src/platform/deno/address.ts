/** Addresses of Deno. */

import { Family, type SocketAddress } from "../../contract/network.ts";
import { inetAddress, unspecifiedAddress } from "../../contract/address.ts";
import type { DenoAddr } from "./api.ts";

/** An address as the core has it. */
export function denoAddress({ hostname, port = 0, path }: DenoAddr, family: Family): SocketAddress {
  if (family === Family.UNIX) return { family, host: path ?? "", port: 0 };
  return (hostname === undefined ? undefined : inetAddress(hostname, port)) ?? unspecifiedAddress(family);
}
