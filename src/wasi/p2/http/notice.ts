/** Something of the host that a guest waits for. */

import { Interest, type Pollable, Readiness } from "../../../contract/pollable.ts";

/** Is ready from one call to another. */
export class Notice implements Pollable {
  readonly needsEventLoop = true;
  readonly #wakers: Set<() => void> = new Set();
  #isReady = false;

  /** It is ready, until {@linkcode Notice.clear}. */
  set(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    for (const wake of [...this.#wakers]) wake();
  }

  /** It is not ready any more. */
  clear(): void {
    this.#isReady = false;
  }

  readiness(interest: number): number {
    if (!this.#isReady) return 0;
    return (interest & Interest.READ ? Readiness.READ : 0) | (interest & Interest.WRITE ? Readiness.WRITE : 0);
  }

  subscribe(_interest: number, wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }
}
