/** Loads the network only for guests that have one. */

import type { Platform, WaitMode } from "../../contract/platform.ts";
import type { ModuleTransform } from "../module/transform.ts";
import type { OpenNetwork } from "./network.ts";
import type { NetOptions } from "../options/options.ts";

/** True if a guest with these options has a network. */
export function hasNetwork(net: NetOptions | undefined): net is NetOptions {
  if (net === undefined) return false;
  const { allow = [], listen = [], dial = [] } = net;
  return allow === true || allow.length > 0 || listen.length > 0 || dial.length > 0;
}

/** The module transform that these options require. */
export async function moduleTransform(net: NetOptions | undefined): Promise<ModuleTransform | undefined> {
  if (!hasNetwork(net) || net.patchGoSignals === false) return undefined;
  const { withSleepingSignals } = await import("../go/signals.ts");
  return (bytes) => withSleepingSignals(bytes);
}

/** The network of a guest, or undefined if its options ask for none. Throws as `openNetwork`. */
export async function networkOf(
  net: NetOptions | undefined,
  platform: Platform,
  mode: WaitMode,
): Promise<OpenNetwork | undefined> {
  if (!hasNetwork(net)) return undefined;
  const { openNetwork } = await import("./network.ts");
  return await openNetwork(net, platform, mode);
}
