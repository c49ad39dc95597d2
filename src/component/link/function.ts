/** Functions that can be linked. */

import type { CallContext } from "../abi/context.ts";

/** A function as WebAssembly calls it: i32 as signed numbers, i64 as bigint, f32 and f64 as numbers. */
export type CoreFunction = (...args: never[]) => unknown;

/** The answer of an attempt: the call is done. */
export const DONE = 0;
/** The answer of an attempt: call it again after the wait that it has requested. */
export const WAIT = 1;

/** An attempt at a call that may have to wait: answers {@linkcode DONE}, or `cx.waitFor(…)`, which is {@linkcode WAIT}. */
export type Attempt = (...args: never[]) => 0 | 1;

/**
 * A function of the host, as a guest can import it. It has at least one of `call`, `lower` and `attempt`; the linker
 * prefers `attempt`, then `lower`. Functions that are called often have one of these; all others need only `call`.
 *
 * Whatever any of them throws ends the guest, which can't catch it: a {@linkcode ComponentTrap} for what the guest did
 * wrong, an exit, or a mistake of the host. Failures that a guest may handle are part of the function's type.
 */
export interface HostFunction {
  /**
   * Canonical text of its type, as `functionTypeText` of `src/component/types` writes it, for example
   * `func(self: borrow<descriptor>, length: u64, offset: u64) -> result<tuple<list<u8>, bool>, error-code>` with all named
   * types but resources expanded. An import whose text differs is refused, with both in the message.
   */
  readonly type: string;
  /**
   * The function with JavaScript values, for the generic way: lift, call, lower. Records are objects with camelCase keys,
   * lists of numbers typed arrays, variants `{ tag, val }`, options the value or undefined; a `result` is always
   * `{ tag: "ok" | "err", val }`, also as the whole result. Resources of the host are the host's own objects. It never
   * waits.
   */
  readonly call?: (args: readonly unknown[]) => unknown;
  /**
   * True if the core function takes a float64 in place of each i64: the nearest to the signed value, exact below 2^53. An
   * engine allocates a bigint for each i64 that it passes to JavaScript.
   */
  readonly takesFloats?: true;
  /** Make the core function for one context, by hand. It starts with `cx.enter()`, and never waits. */
  readonly lower?: (cx: CallContext) => CoreFunction;
  /**
   * Make the core function of a call that may wait, for one context, by hand. It starts with `cx.enter()`, and answers
   * {@linkcode DONE}, or `cx.waitFor(…)` to be called again with the same arguments after the wait. Handles may have been
   * dropped and memory may have grown by then. A result goes through the return pointer; one that is a single core value
   * goes into `cx.result`. For an asynchronous type, each call has an attempt of its own.
   */
  readonly attempt?: (cx: CallContext) => Attempt;
}
