/** The runtime's resolver, for guests that are suspended while a name is looked up. */

import type { SocketDriver } from "../../../core/net/events/driver.ts";
import { currentRuntime } from "../../runtime.ts";

/**
 * Lookups of the runtime that this is.
 *
 * @param dnsServer As for `Platform.network`.
 * @throws {TypeError} If it is no address.
 */
export async function runtimeLookup(dnsServer: string | undefined): Promise<SocketDriver["lookup"]> {
  if (currentRuntime() === "deno") return (await import("../../deno/lookup.ts")).denoLookup(dnsServer);
  return (await import("../../node/lookup.ts")).nodeLookup(dnsServer);
}
