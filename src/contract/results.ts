/**
 * The results of calls.
 *
 * **A call of the contract, and of the core, returns what it produces (an object, a count, or 0), or minus an
 * {@linkcode Errno}.** There is no other convention: a number below zero is a failure everywhere, so that each layer passes
 * a failure on unchanged. Preview 1 returns an `Errno`, and converts results with {@linkcode errnoFromResult}. An errno
 * that is data and not a result is positive: the argument of an event, the value of a socket option.
 *
 * @module
 */

import { Errno } from "../witx/errno.ts";

/** What a failed call returns: minus an {@linkcode Errno}. */
export type Failure = number;

/**
 * The errno of a result.
 *
 * @param result 0 or more for success, minus an errno for failure.
 * @returns `SUCCESS` or the errno.
 */
export function errnoFromResult(result: number): Errno {
  return result < 0 ? (-result as Errno) : Errno.SUCCESS;
}

/**
 * The result that stands for an errno: the inverse of {@linkcode errnoFromResult}.
 *
 * @param errno An errno, or `SUCCESS`.
 * @returns 0 or minus the errno.
 */
export function resultFromErrno(errno: Errno): number {
  // Not `-errno`, which would be -0 for SUCCESS.
  return 0 - errno;
}
