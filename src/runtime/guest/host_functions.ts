/** Functions of the caller that a guest imports, and what happens to promises that they return. */

import type { Call } from "./calls.ts";
import type { HostGuard } from "./host_guard.ts";
import { cannotSuspend, isSuspending, suspending } from "../jspi.ts";
import type { WaitMode } from "../../contract/waiter.ts";
import type { FunctionType } from "../module/type_section.ts";

/** Types of results that no promise can be. */
const NUMBERS: ReadonlySet<string> = new Set(["i32", "i64", "f32", "f64", "v128"]);

/** An import of the caller, and what is known of it. */
export interface HostFunction {
  /** Name of the module. */
  readonly module: string;
  /** Name in it. */
  readonly name: string;
  /** What the caller passed. */
  readonly value: WebAssembly.ImportValue;
  /** Its type in the guest, where that is known. */
  readonly type: FunctionType | undefined;
}

/**
 * Make an import of a function of the caller.
 *
 * One that is declared `async` suspends the guest until its promise is settled. Any other must return a value; a promise
 * ends the guest, which would read it as 0 (RATIONALE "Why are only async host functions suspending?").
 *
 * @param host The function, or another value, which stays as it is.
 * @param mode How the guest waits.
 * @param guard Ends the guest with what the function throws.
 * @throws {TypeError} If it is `async`, or a `WebAssembly.Suspending`, and the guest can't be suspended.
 */
export function hostFunction(host: HostFunction, mode: WaitMode, guard: HostGuard): WebAssembly.ImportValue {
  const { value } = host;
  if (isSuspending(value)) {
    if (mode === "block") throw notSuspended(host, "a WebAssembly.Suspending");
    return value;
  }
  if (typeof value !== "function") return value;
  if (isAsync(value)) {
    if (mode === "block") throw notSuspended(host, "async");
    return suspending(guardedAsync(value as AsyncHostCall, guard));
  }
  if (isOfGuest(value as HostCall)) return value;
  return guarded(host, value as HostCall, guard);
}

type HostCall = (...args: unknown[]) => unknown;
type AsyncHostCall = (...args: unknown[]) => Promise<unknown>;

function guardedAsync(fn: AsyncHostCall, guard: HostGuard): AsyncHostCall {
  return (...args) => {
    const call = guard.enter();
    return guard.settled(call, fn(...args));
  };
}

/** With as many parameters as the guest passes, a function costs less: rest parameters take 10 ns. */
function guarded(host: HostFunction, fn: HostCall, guard: HostGuard): HostCall {
  const mayAnswerPromise = mayAnswerReference(host.type);
  const leave = (call: Call | undefined, result: unknown): unknown => {
    const isObject = typeof result === "object" && result !== null;
    if (isObject && !mayAnswerPromise && isThenable(result)) throw unexpectedPromise(host, result);
    guard.leave(call);
    return result;
  };
  switch (host.type?.params.length) {
    case 0:
      return () => {
        const call = guard.enter();
        try {
          return leave(call, fn());
        } catch (error) {
          return guard.thrown(call, error);
        }
      };
    case 1:
      return (a) => {
        const call = guard.enter();
        try {
          return leave(call, fn(a));
        } catch (error) {
          return guard.thrown(call, error);
        }
      };
    case 2:
      return (a, b) => {
        const call = guard.enter();
        try {
          return leave(call, fn(a, b));
        } catch (error) {
          return guard.thrown(call, error);
        }
      };
    case 3:
      return (a, b, c) => {
        const call = guard.enter();
        try {
          return leave(call, fn(a, b, c));
        } catch (error) {
          return guard.thrown(call, error);
        }
      };
    default:
      return (...args) => {
        const call = guard.enter();
        try {
          return leave(call, fn(...args));
        } catch (error) {
          return guard.thrown(call, error);
        }
      };
  }
}

/** By its tag, which functions made by `bind` have as well. */
function isAsync(fn: unknown): boolean {
  return Object.prototype.toString.call(fn) === "[object AsyncFunction]";
}

/** A function that an instance exports: such a call stays within WebAssembly, and none of them returns a promise. */
function isOfGuest(fn: HostCall): boolean {
  if (!/^\d+$/.test(fn.name)) return false;
  try {
    // A table takes no other functions.
    new WebAssembly.Table({ element: "anyfunc", initial: 1 }).set(0, fn);
    return true;
  } catch {
    return false;
  }
}

/** A promise is a value like any other for a guest that takes references. */
function mayAnswerReference(type: FunctionType | undefined): boolean {
  return type !== undefined && type.results.some((result) => !NUMBERS.has(result));
}

function isThenable(value: object): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown }).then === "function";
}

function unexpectedPromise({ module, name }: HostFunction, promise: PromiseLike<unknown>): TypeError {
  promise.then(undefined, () => {});
  return new TypeError(
    `Cannot use the promise that the host function ${module}.${name} returned: return a value, or declare the function ` +
      "async, so that run suspends the guest until the promise is settled",
  );
}

function notSuspended({ module, name }: HostFunction, what: string): TypeError {
  return new TypeError(`Cannot use the host function ${module}.${name}, which is ${what}: ${cannotSuspend()}`);
}
