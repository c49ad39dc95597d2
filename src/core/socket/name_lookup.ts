/** Looking up names for what has no guest that waits. */

import type { Errno } from "../../witx/errno.ts";
import type { PlatformLookup, PlatformNetwork, SocketAddress } from "../network.ts";
import { Interest } from "../pollable.ts";
import { GuestWakeSource, whenReady } from "./wake_source.ts";

/** Addresses of a name, of any family (their port is 0), or an errno as `PlatformLookup.result` answers it. */
export type Found = readonly SocketAddress[] | Errno;

/** Looks up all addresses of a name: at once where the resolver answers at once. Never rejects. */
export type NameLookup = (name: string) => Found | Promise<Found>;

/**
 * The lookup of a network. Those who ask for a name while it is looked up share the answer.
 *
 * @param network Has the resolver.
 */
export function nameLookup(network: Pick<PlatformNetwork, "lookup">): NameLookup {
  const running = new Map<string, Promise<Found>>();
  return (name) => {
    const started = running.get(name);
    if (started !== undefined) return started;
    const wake = new GuestWakeSource();
    const lookup = network.lookup(name, 0, wake);
    if (lookup.readiness(Interest.READ) !== 0) return lookup.result();
    const answer = answerOf(lookup, wake).finally(() => running.delete(name));
    running.set(name, answer);
    return answer;
  };
}

async function answerOf(lookup: PlatformLookup, wake: GuestWakeSource): Promise<Found> {
  await whenReady(lookup, Interest.READ, wake);
  return lookup.result();
}
