/** Listeners that are closed and still keep their ports. */

/**
 * Closed listeners that keep their ports, and accept connections, until Deno has rejected their pending `accept`: for one
 * turn of the event loop (https://github.com/denoland/deno/issues/22885, open; seen with Deno 2.9).
 */
export class ClosingListeners {
  #count = 0;
  #waiting: (() => void)[] = [];

  /** One begins to close. */
  begin(): void {
    this.#count++;
  }

  /** One is closed. */
  end(): void {
    if (--this.#count > 0) return;
    for (const then of this.#waiting.splice(0)) then();
  }

  /** True if there are any. */
  get isAny(): boolean {
    return this.#count > 0;
  }

  /** Call `then` when there are none: at once, or later. */
  whenNone(then: () => void): void {
    if (this.#count === 0) then();
    else this.#waiting.push(then);
  }
}
