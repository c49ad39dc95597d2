/** What stands between a guest and the functions that the caller gives it to import. */

import type { GuestOutcome } from "../../core/guest/outcome.ts";
import type { Call, Calls } from "./calls.ts";
import { isException } from "../trap/exception.ts";

/**
 * What a function of the caller throws, or its promise rejects with, ends the guest, which can't catch it. An exception
 * of WebAssembly is passed on: it belongs to the language of the guest, which may have a handler for it. While a function
 * runs, the guest may be called.
 */
export class HostGuard {
  readonly #outcome: GuestOutcome;
  readonly #calls: Calls;

  /**
   * @param outcome Keeps how the guest ended.
   * @param calls Calls of the guest.
   */
  constructor(outcome: GuestOutcome, calls: Calls) {
    this.#outcome = outcome;
    this.#calls = calls;
  }

  /** A function begins. @returns The call of the guest that it is part of. */
  enter(): Call | undefined {
    this.#outcome.check();
    return this.#calls.enterImport();
  }

  /** A function has returned. Leaves the guest if that has ended, or if a call nested in this one is not over. */
  leave(call: Call | undefined): void {
    this.#outcome.check();
    if (!this.#calls.leaveImport(call)) this.#outcome.leave(unawaited());
  }

  /** A function has thrown. */
  thrown(call: Call | undefined, error: unknown): never {
    if (!isException(error)) return this.#outcome.leave(error);
    this.leave(call);
    throw error;
  }

  /** A function has returned a promise. @returns A promise to be awaited by the guest in its place. */
  async settled(call: Call | undefined, promise: PromiseLike<unknown>): Promise<unknown> {
    try {
      return await interrupted(this.#outcome, promise);
    } catch (error) {
      if (!isException(error)) return this.#outcome.leave(error);
      throw error;
    } finally {
      await this.#calls.leaveImportInTurn(call);
      this.#outcome.check();
    }
  }
}

function unawaited(): TypeError {
  return new TypeError(
    "Cannot go on with the guest: a host function called it, and returned before that call was over; " +
      "declare the function async, and await the call",
  );
}

/** A promise that resolves early if the guest ends meanwhile; whoever awaits it checks that. */
function interrupted(outcome: GuestOutcome, promise: PromiseLike<unknown>): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const release = outcome.onEnd(() => resolve(undefined));
    promise.then(
      (value) => {
        release();
        resolve(value);
      },
      (error: unknown) => {
        release();
        reject(error);
      },
    );
  });
}
