/** Looking up names as promises, for what has no guest that waits. */

import type { Errno } from "../../witx/errno.ts";
import type { PlatformNetwork, SocketAddress } from "../network.ts";
import { Interest } from "../pollable.ts";
import { GuestWakeSource, whenReady } from "./wake_source.ts";

/** Looks up all addresses of a name, of any family (their port is 0). Answers an errno as `PlatformLookup.result` does; never rejects. */
export type NameLookup = (name: string) => Promise<readonly SocketAddress[] | Errno>;

/**
 * The lookup of a network. Those who ask for a name while it is looked up share the answer.
 *
 * @param network Has the resolver.
 */
export function nameLookup(network: Pick<PlatformNetwork, "lookup">): NameLookup {
  const running = new Map<string, Promise<readonly SocketAddress[] | Errno>>();
  return (name) => {
    const started = running.get(name);
    if (started !== undefined) return started;
    const answer = lookUp(network, name).finally(() => running.delete(name));
    running.set(name, answer);
    return answer;
  };
}

async function lookUp(
  network: Pick<PlatformNetwork, "lookup">,
  name: string,
): Promise<readonly SocketAddress[] | Errno> {
  const wake = new GuestWakeSource();
  const lookup = network.lookup(name, 0, wake);
  await whenReady(lookup, Interest.READ, wake);
  return lookup.result();
}
