/** Addresses of Deno. */

import { Family, type SocketAddress } from "../core/network.ts";
import { inetAddress, unspecifiedAddress } from "../core/socket/address.ts";
import type { DenoAddr } from "./types/deno.ts";

/** An address as the core has it. */
export function denoAddress({ hostname, port = 0, path }: DenoAddr, family: Family): SocketAddress {
  if (family === Family.UNIX) return { family, host: path ?? "", port: 0 };
  return (hostname === undefined ? undefined : inetAddress(hostname, port)) ?? unspecifiedAddress(family);
}
