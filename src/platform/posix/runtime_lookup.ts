/** The runtime's resolver, for guests that are suspended while a name is looked up. */

import type { SocketDriver } from "../../core/socket/driver.ts";

/**
 * Lookups of the runtime that this is.
 *
 * @param dnsServer As for `Platform.network`.
 * @throws {TypeError} If it is no address.
 */
export async function runtimeLookup(dnsServer: string | undefined): Promise<SocketDriver["lookup"]> {
  const { Deno } = globalThis as { Deno?: { version?: unknown } };
  if (Deno?.version !== undefined) return (await import("../_deno_lookup.ts")).denoLookup(dnsServer);
  return (await import("../_node_lookup.ts")).nodeLookup(dnsServer);
}
