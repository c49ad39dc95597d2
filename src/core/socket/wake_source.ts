/** One place to wait for all sockets of a guest. */

import type { Wakeable } from "../network.ts";

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
