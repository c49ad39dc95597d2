/** Checks the option `net`. */

import { checkFunction, checkRecord, checkString, checkStrings, refuse } from "./checks.ts";
import type { NetOptions } from "./options.ts";

const EXTENSIONS: ReadonlySet<unknown> = new Set(["none", "auto", "wasmedgev1", "wasmedgev2", "path_open"]);

/**
 * Checks the option `net`.
 *
 * @throws {TypeError} Naming the option and its valid values.
 */
export function checkNetOptions(net: NetOptions | undefined): void {
  if (net === undefined) return;
  checkRecord(net, "options.net", 'pass an object, such as { allow: ["listen:127.0.0.1:8080"] }');
  const { allow, listen, dial, dnsServer, sockets, network, onRefused } = net;
  if (allow !== undefined && allow !== true && !Array.isArray(allow)) {
    refuse(allow, "options.net.allow", "pass true, or an array of rules");
  }
  if (allow !== true) checkStrings(allow, "options.net.allow");
  checkStrings(listen, "options.net.listen");
  checkStrings(dial, "options.net.dial");
  checkString(dnsServer, "options.net.dnsServer");
  checkFunction(onRefused, "options.net.onRefused");
  if (sockets !== undefined && !EXTENSIONS.has(sockets)) {
    refuse(sockets, "options.net.sockets", `pass ${[...EXTENSIONS].map((name) => `"${String(name)}"`).join(" or ")}`);
  }
  if (network !== undefined && !isNetwork(network)) {
    refuse(network, "options.net.network", "pass virtualNetwork(), or the network of a platform");
  }
}

/** True for a network or an object that has one, such as a `VirtualNetwork`. */
function isNetwork(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return "socket" in value || ("network" in value && isNetwork(value.network));
}
