/** One place to wait for all sockets of a guest. */

import type { Wakeable } from "../../../contract/network.ts";
import type { Pollable, WakeSource } from "../../../contract/pollable.ts";

/**
 * Resolves when a pollable is ready.
 *
 * @param pollable The pollable to check on each notification.
 * @param interest Bits of `Interest`.
 * @param wake Notified of its events.
 */
export function whenReady(pollable: Pollable, interest: number, wake: WakeSource): Promise<void> {
  return new Promise((resolve) => {
    if (pollable.readiness(interest) !== 0) return resolve();
    const cancel = wake.subscribe(() => {
      if (pollable.readiness(interest) === 0) return;
      cancel();
      resolve();
    });
  });
}

/**
 * Notifies a waiting guest of an event on any of its sockets. The guest finds out which by checking all of them, which
 * is cheaper than subscribing to each and unsubscribing again (RATIONALE "Why do all sockets of a guest share one wake
 * source?").
 */
export class GuestWakeSource implements Wakeable {
  readonly #wakers: Set<() => void> = new Set();

  subscribe(wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }

  notify(): void {
    for (const wake of this.#wakers) wake();
  }
}
