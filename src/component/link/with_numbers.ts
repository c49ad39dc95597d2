/** Functions that take a float64 in place of an i64, called from JavaScript. */

import type { HostFunction } from "./function.ts";

/**
 * A core function of the host with the parameters that its type has: each bigint becomes a number if it
 * {@linkcode HostFunction.takesFloats}.
 *
 * @param host The function that `core` was made of.
 * @param core The core function.
 */
export function withNumbers<Result>(
  { takesFloats }: HostFunction,
  core: (...args: never[]) => Result,
): (...args: never[]) => Result {
  if (takesFloats !== true) return core;
  const call = core as (...args: unknown[]) => Result;
  return (...args: unknown[]) =>
    call(...args.map((arg) => typeof arg === "bigint" ? Number(BigInt.asIntN(64, arg)) : arg));
}
