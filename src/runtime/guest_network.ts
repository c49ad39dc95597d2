/** Whether a guest has a network; what that takes is loaded only then. */

import type { Platform } from "../core/platform.ts";
import type { ModuleChange } from "./load.ts";
import type { OpenNetwork } from "./network.ts";
import type { NetOptions } from "./options.ts";

/** True if a guest with these options has a network. */
export function hasNetwork(net: NetOptions | undefined): net is NetOptions {
  if (net === undefined) return false;
  const { allow = [], listen = [], dial = [] } = net;
  return allow === true || allow.length > 0 || listen.length > 0 || dial.length > 0;
}

/** What has to be done to a module for a guest with these options. */
export async function changeFor(net: NetOptions | undefined): Promise<ModuleChange | undefined> {
  if (!hasNetwork(net)) return undefined;
  return (await import("./go_signals.ts")).withSleepingSignals;
}

/** The network of a guest, or undefined if its options ask for none. Throws as `openNetwork`. */
export async function networkOf(
  net: NetOptions | undefined,
  platform: Platform,
  suspends: boolean,
): Promise<OpenNetwork | undefined> {
  if (!hasNetwork(net)) return undefined;
  const { openNetwork } = await import("./network.ts");
  return await openNetwork(net, platform, suspends);
}
