/** Ends the waits of a guest from outside. */

import { type Pollable, Readiness } from "../../contract/pollable.ts";

/** The end of a guest as something to wait for: an aborted signal, a closed instance, an exit in another call. */
export class Interrupt implements Pollable {
  readonly needsEventLoop = true;
  readonly #wakers: Set<() => void> = new Set();
  #isRaised = false;
  #reason: unknown;

  /** End all waits, now and from now on. Only the first reason counts. */
  raise(reason: unknown): void {
    if (!this.#isRaised) {
      this.#reason = reason;
      this.#isRaised = true;
    }
    for (const wake of this.#wakers) {
      wake();
      this.#wakers.delete(wake);
    }
  }

  /** @throws The reason, once it was raised. */
  check(): void {
    if (this.#isRaised) throw this.#reason;
  }

  readiness(): number {
    return this.#isRaised ? Readiness.READ : 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    if (this.#isRaised) wake();
    else this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }
}
