/** Calls of a component's exports: none after its end, and each with what it comes to. */

import type { Scheduler } from "../../component/async/scheduler.ts";
import type { Callee, Caller } from "../../component/js/callee.ts";
import type { Handle } from "../../component/js/handle.ts";
import type { GuestOutcome } from "../../core/guest/outcome.ts";
import { Closed, hasEnded, isOfArguments, recordFailure } from "../guest/call_failures.ts";
import { canSuspend } from "../jspi.ts";
import { asUncaught, stackTrap } from "../trap/trap.ts";

/**
 * Calls a component. Its instances can't be entered while they run: functions with synchronous types run one at a time.
 * Those with asynchronous types run whenever none of these runs, any number at a time.
 */
export class ComponentCalls implements Caller {
  readonly #outcome: GuestOutcome;
  readonly #scheduler: Scheduler | undefined;
  #isBusy = false;
  readonly #waiting: (() => void)[] = [];
  readonly #dropped: Handle[] = [];
  #failure: { readonly error: unknown } | undefined;

  /**
   * Make it.
   *
   * @param outcome How the guest ended, once it has.
   * @param scheduler Runs its tasks; undefined if it has none.
   */
  constructor(outcome: GuestOutcome, scheduler?: Scheduler) {
    this.#outcome = outcome;
    this.#scheduler = scheduler;
    outcome.onEnd(() => this.#release());
  }

  callSync(callee: Callee, args: readonly unknown[], label: string): unknown {
    return this.#runSync(() => callee.call(args), label);
  }

  async call(callee: Callee, args: readonly unknown[], label: string): Promise<unknown> {
    this.#checkAlive(label);
    while (this.#isOccupied && !this.#outcome.ended) await this.#change();
    this.#checkAlive(label);
    this.#isBusy = true;
    let isOver = false;
    const over = (): void => {
      if (!isOver) this.#next();
      isOver = true;
    };
    try {
      const called = canSuspend() ? callee.callSuspending(args) : callee.call(args);
      if (callee.type.isAsync) over();
      return this.#returned(await called);
    } catch (error) {
      throw this.failure(error);
    } finally {
      over();
    }
  }

  get #isOccupied(): boolean {
    return this.#isBusy || this.#scheduler?.isOccupied === true;
  }

  /** Resolves when the guest may not be occupied any more. */
  #change(): Promise<void> {
    if (this.#isBusy) return new Promise((resolve) => this.#waiting.push(resolve));
    return this.#scheduler?.change() ?? Promise.resolve();
  }

  destroy(handle: Handle): void {
    if (this.#outcome.ended) return;
    if (!this.#isOccupied) return this.#destroy(handle);
    this.#dropped.push(handle);
    if (!this.#isBusy) void this.#change().then(() => this.#destroyDropped());
  }

  /**
   * Do something in the guest at once.
   *
   * @param run What.
   * @param label What it is called in messages.
   */
  #runSync(run: () => unknown, label: string): unknown {
    this.#checkAlive(label);
    if (this.#isOccupied) {
      throw new Error(
        `Cannot call ${label} now: the guest runs another call, and a component can't be entered twice; use call(), ` +
          "which waits for its turn",
      );
    }
    this.#isBusy = true;
    try {
      return this.#returned(run());
    } catch (error) {
      throw this.failure(error);
    } finally {
      this.#next();
    }
  }

  #destroy(handle: Handle): void {
    this.#runSync(() => handle.type.destroy(handle.rep, undefined), `the destructor of ${handle.type.name}`);
  }

  #next(): void {
    this.#isBusy = false;
    this.#destroyDropped();
    this.#waiting.shift()?.();
  }

  #destroyDropped(): void {
    while (!this.#isOccupied) {
      const handle = this.#dropped.shift();
      if (handle === undefined) return;
      try {
        this.destroy(handle);
      } catch {
        // The guest has ended in it; the next call says so.
      }
    }
  }

  /** A guest that has ended has nothing to wait for. */
  #release(): void {
    this.#dropped.length = 0;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #returned(value: unknown): unknown {
    if (this.#outcome.ended) throw this.#outcome.reason;
    return value;
  }

  #checkAlive(label: string): void {
    if (this.#outcome.ended) throw hasEnded(label, this.failure(undefined));
  }

  /** Record that the owner of the guest has closed it. */
  close(): void {
    this.#outcome.end(new Closed("The guest was closed"));
  }

  /**
   * What to throw after a call has failed.
   *
   * @param error What left the guest; it ends the guest, unless the guest has ended before.
   */
  failure(error: unknown): unknown {
    const outcome = this.#outcome;
    if (!outcome.ended && isOfArguments(error)) return error;
    recordFailure(outcome, error, (failure) => asUncaught(failure, {}));
    this.#failure ??= { error: outcome.isOutOfStack ? stackTrap(outcome.reason) : asUncaught(outcome.reason, {}) };
    return this.#failure.error;
  }
}
