/** Looks up names when no guest waits for them. */

import type { Errno } from "../../witx/errno.ts";
import type { PlatformLookup, PlatformNetwork, SocketAddress } from "../../contract/network.ts";
import { Interest } from "../../contract/pollable.ts";
import { GuestWakeSource, whenReady } from "./events/wake_source.ts";
import { errnoFromResult } from "../../contract/results.ts";

/** Addresses of a name, of any family (their port is 0), or the errno of `PlatformLookup.result`. */
export type Found = readonly SocketAddress[] | Errno;

/** Looks up all addresses of a name: at once where the resolver completes at once. Never rejects. */
export type NameLookup = (name: string) => Found | Promise<Found>;

/**
 * The lookup of a network. Concurrent lookups of the same name share one result.
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
    if (lookup.readiness(Interest.READ) !== 0) return foundBy(lookup);
    const answer = answerOf(lookup, wake).finally(() => running.delete(name));
    running.set(name, answer);
    return answer;
  };
}

async function answerOf(lookup: PlatformLookup, wake: GuestWakeSource): Promise<Found> {
  await whenReady(lookup, Interest.READ, wake);
  return foundBy(lookup);
}

function foundBy(lookup: PlatformLookup): Found {
  const result = lookup.result();
  return typeof result === "number" ? errnoFromResult(result) : result;
}
