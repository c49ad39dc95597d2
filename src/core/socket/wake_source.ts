/** One place to wait for all sockets of a guest. */

import type { Wakeable } from "../network.ts";
import type { Pollable, WakeSource } from "../pollable.ts";

/**
 * Resolved once something is ready.
 *
 * @param pollable What to ask at each notice.
 * @param interest Bits of `Interest`.
 * @param wake Notified of what happens to it.
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
 * Tells a waiting guest that something happened to one of its sockets; which one, it sees by asking them all, which is
 * cheaper than to be entered and struck off at each of them (RATIONALE "Why do sockets share one waker?").
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
