/** What a call of a guest comes to that has failed, or can't begin: for core modules and components. */

import type { GuestOutcome } from "../../core/guest/outcome.ts";
import { WasiExit, WasiSignal } from "../../core/guest/exit.ts";
import { TrapError } from "../errors.ts";
import { isSuspendError } from "../jspi.ts";
import { framesOf } from "../trap/trap.ts";

/** The reason of a guest that its owner has closed. */
export class Closed extends Error {
  override readonly name: string = "AbortError";
}

/** True for the error of an argument that can't be converted: the guest has not run. */
export function isOfArguments(error: unknown): boolean {
  return error instanceof TypeError && framesOf(error).length === 0;
}

/**
 * Record that a call has failed.
 *
 * @param outcome How the guest ended; the error ends it, unless it has ended before.
 * @param error What left the guest.
 * @param convert Converts an error of the engine.
 */
export function recordFailure(outcome: GuestOutcome, error: unknown, convert: (error: unknown) => unknown): void {
  if (outcome.ended) {
    // The guest may have had no room on the stack to notify everything of its end.
    outcome.end(outcome.reason);
  } else outcome.end(isSuspendError(error) ? cannotWait(error) : convert(error));
}

function cannotWait(cause: unknown): TypeError {
  return new TypeError("Cannot wait in a function of exports: call it with call()", { cause });
}

/** Why a call can't begin: the guest has ended. */
export function hasEnded(label: string, cause: unknown): Error {
  return new Error(`Cannot call ${label}: ${endText(cause)}`, { cause });
}

function endText(reason: unknown): string {
  if (reason instanceof WasiExit) return `the guest has exited with code ${reason.code}`;
  if (reason instanceof WasiSignal) return `the guest was ended by signal ${reason.signal}`;
  if (reason instanceof TrapError) return "the guest has trapped";
  if (reason instanceof Closed) return "the guest was closed";
  return "the guest has ended with an error, which is the cause";
}
