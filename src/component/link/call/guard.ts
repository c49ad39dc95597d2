/** What stands between a guest and the functions of the host that it imports. */

import type { GuestOutcome } from "../../../core/guest/outcome.ts";

/** A function with parameters of any types. */
type AnyFunction = (...args: unknown[]) => unknown;

/**
 * A function that leaves the guest by a trap if it throws: the guest can't catch that. With as many parameters as the
 * guest passes, it costs next to nothing.
 *
 * @param fn A core function of the host.
 * @param outcome Keeps what was thrown.
 * @param arity Number of parameters.
 */
export function guarded(fn: (...args: never[]) => unknown, outcome: GuestOutcome, arity: number): AnyFunction {
  const call = fn as AnyFunction;
  switch (arity) {
    case 0:
      return () => {
        try {
          return call();
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 1:
      return (a) => {
        try {
          return call(a);
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 2:
      return (a, b) => {
        try {
          return call(a, b);
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 3:
      return (a, b, c) => {
        try {
          return call(a, b, c);
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 4:
      return (a, b, c, d) => {
        try {
          return call(a, b, c, d);
        } catch (error) {
          return outcome.fail(error);
        }
      };
    default:
      return guardedMany(call, outcome, arity);
  }
}

/** The same for five parameters and more. */
function guardedMany(call: AnyFunction, outcome: GuestOutcome, arity: number): AnyFunction {
  switch (arity) {
    case 5:
      return (a, b, c, d, e) => {
        try {
          return call(a, b, c, d, e);
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 6:
      return (a, b, c, d, e, f) => {
        try {
          return call(a, b, c, d, e, f);
        } catch (error) {
          return outcome.fail(error);
        }
      };
    case 7:
      return (a, b, c, d, e, f, g) => {
        try {
          return call(a, b, c, d, e, f, g);
        } catch (error) {
          return outcome.fail(error);
        }
      };
    default:
      return (...args) => {
        try {
          return call(...args);
        } catch (error) {
          return outcome.fail(error);
        }
      };
  }
}
