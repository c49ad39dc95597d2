/** Calls of a guest's exports: one at a time, none after its end, and each with what it comes to. */

import type { GuestOutcome } from "../../core/guest/outcome.ts";
import type { StackState } from "../../core/io/stack_state.ts";
import { Calls } from "./calls.ts";
import { Closed, hasEnded, isOfArguments, recordFailure } from "./call_failures.ts";
import { canSuspend, type ExportFunction, promising } from "../jspi.ts";
import { asTrap, asUncaught, stackTrap } from "../trap/trap.ts";

/** A call that returns at once. */
const NOT_SUSPENDED: StackState = { canSuspend: false, isNested: true };
/** A call that returns a promise. */
const SUSPENDED: StackState = { canSuspend: true, isNested: false };

/** What calls the exports of a guest. */
export class GuestCalls {
  /** Whose turn it is. */
  readonly turns: Calls = new Calls();
  readonly #outcome: GuestOutcome;
  #exports: WebAssembly.Exports = Object.freeze({});
  #stack: StackState | undefined;
  #failure: { readonly error: unknown } | undefined;

  /** @param outcome How the guest ended, once it has. */
  constructor(outcome: GuestOutcome) {
    this.#outcome = outcome;
    outcome.onEnd(() => this.turns.release());
  }

  /** @param exports What may be called. */
  attach(exports: WebAssembly.Exports): void {
    this.#exports = exports;
  }

  /** @param stack Set to whether the stack that runs can be suspended. */
  follow(stack: StackState): void {
    this.#stack = stack;
  }

  /**
   * Call an export to its end; it can't suspend.
   *
   * @throws {WasiExit} The guest exited in it.
   * @throws {TrapError} The guest trapped in it.
   * @throws {TypeError} There is no such function.
   * @throws {Error} The guest has ended, or waits in another call.
   */
  callSync(name: string, args: readonly unknown[]): unknown {
    const fn = this.#exported(name);
    this.#checkAlive(name);
    if (!this.turns.isFree) {
      throw new Error(
        `Cannot call "${name}" now: the guest waits in another call; use call(), which waits for its turn`,
      );
    }
    const call = this.turns.begin();
    const before = this.#enterStack(NOT_SUSPENDED);
    try {
      return this.#returned(fn(...args));
    } catch (error) {
      throw this.failure(error);
    } finally {
      if (before !== undefined) this.#enterStack(before);
      this.turns.end(call);
    }
  }

  /** @returns What was known of the stack that ran before; undefined if nobody asks. */
  #enterStack({ canSuspend, isNested }: StackState): StackState | undefined {
    const stack = this.#stack;
    if (stack === undefined) return undefined;
    const before = { canSuspend: stack.canSuspend, isNested: stack.isNested };
    stack.canSuspend = canSuspend;
    stack.isNested = isNested;
    return before;
  }

  /**
   * Call an export when its turn has come. It runs on a stack of its own where there are such, which is deeper than the
   * thread's, also if the guest blocks while it waits.
   *
   * @throws {WasiExit} The guest exited in it.
   * @throws {TrapError} The guest trapped in it.
   * @throws {TypeError} There is no such function.
   * @throws {Error} The guest has ended.
   */
  async call(name: string, args: readonly unknown[]): Promise<unknown> {
    const fn = this.#exported(name);
    this.#checkAlive(name);
    const call = this.turns.isFree ? this.turns.begin() : await this.turns.beginInTurn();
    try {
      this.#checkAlive(name);
      return await this.#run(fn, args);
    } finally {
      this.turns.end(call);
    }
  }

  async #run(fn: ExportFunction, args: readonly unknown[]): Promise<unknown> {
    this.#enterStack(SUSPENDED);
    try {
      return this.#returned(await (canSuspend() ? promising(fn)(...args) : fn(...args)));
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** A guest that ended in a nested call has ended, though the outer one returned. */
  #returned(value: unknown): unknown {
    if (this.#outcome.ended) throw this.#outcome.reason;
    return value;
  }

  #exported(name: string): ExportFunction {
    const fn = Object.hasOwn(this.#exports, name) ? this.#exports[name] : undefined;
    if (typeof fn === "function") return fn as ExportFunction;
    throw new TypeError(`Cannot call "${name}": the guest exports no such function`);
  }

  #checkAlive(name: string): void {
    if (!this.#outcome.ended) return;
    const cause = this.failure(undefined);
    throw hasEnded(`"${name}"`, cause);
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
    // An engine converts the arguments before the guest runs.
    if (!outcome.ended && isOfArguments(error)) return error;
    recordFailure(outcome, error, (engine) => asUncaught(engine, this.#exports));
    this.#failure ??= { error: outcome.isOutOfStack ? stackTrap(outcome.reason) : asTrap(outcome.reason) };
    return this.#failure.error;
  }
}
