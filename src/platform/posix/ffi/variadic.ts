/** Functions with a variable number of arguments. */

import type { ForeignCall, ForeignFunction, ForeignType } from "./ffi.ts";
import type { Target } from "../target/target.ts";

/** Arguments that arm64 passes in registers. */
const REGISTERS = 8;

/**
 * Declare a variadic function with one argument behind the fixed ones. On macOS such arguments go on the stack,
 * which is where arguments behind the eighth go as well.
 *
 * @param target Tells the calling convention.
 * @param fixed Types of the fixed parameters.
 * @param last Type of the other one.
 */
export function variadic(target: Target, fixed: readonly ForeignType[], last: ForeignType = "i32"): ForeignFunction {
  return { parameters: [...fixed, ...padding(target, fixed.length), last], result: "i32" };
}

/** The function that was declared so, to be called with the fixed arguments and the other one. */
export function variadicCall(target: Target, fixed: number, call: ForeignCall): ForeignCall {
  const zeros = padding(target, fixed).map(() => 0);
  if (zeros.length === 0) return call;
  return (...args) => call(...args.slice(0, fixed), ...zeros, ...args.slice(fixed));
}

function padding(target: Target, fixed: number): ForeignType[] {
  return target.os === "darwin" ? new Array<ForeignType>(REGISTERS - fixed).fill("i32") : [];
}
