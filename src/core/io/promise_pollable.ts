/** A promise as something that a guest waits for. */

import { type Pollable, Readiness } from "../../contract/pollable.ts";

/** Ready once its promise is settled. */
export class PromisePollable implements Pollable {
  readonly needsEventLoop = true;
  readonly #wakers: Set<() => void> = new Set();
  #outcome: { readonly value: unknown } | { readonly error: unknown } | undefined;

  /** @param promise What is waited for. */
  constructor(promise: PromiseLike<unknown>) {
    promise.then((value) => this.#settle({ value }), (error: unknown) => this.#settle({ error }));
  }

  /** True once the promise is settled. */
  get isSettled(): boolean {
    return this.#outcome !== undefined;
  }

  /** @returns What the promise resolved to; only once it is settled. @throws What it rejected with. */
  value(): unknown {
    const outcome = this.#outcome!;
    if ("error" in outcome) throw outcome.error;
    return outcome.value;
  }

  readiness(): number {
    return this.isSettled ? Readiness.READ : 0;
  }

  subscribe(_interest: number, wake: () => void): () => void {
    this.#wakers.add(wake);
    return () => void this.#wakers.delete(wake);
  }

  #settle(outcome: { readonly value: unknown } | { readonly error: unknown }): void {
    this.#outcome = outcome;
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }
}
