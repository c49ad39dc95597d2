/** Functions of the caller, as a component imports them. They may answer promises. */

import type { CoreValue } from "../../component/abi/codec.ts";
import type { CallContext } from "../../component/abi/context.ts";
import { FunctionCodec, returnPointer } from "../../component/abi/function_codec.ts";
import { type Attempt, DONE, type HostFunction } from "../../component/link/function.ts";
import type { Linking } from "../../component/link/call/linking.ts";
import type { FunctionType } from "../../component/types/function_type.ts";
import { functionTypeText } from "../../component/types/text.ts";
import { Interest } from "../../contract/pollable.ts";
import { cannotSuspend } from "../jspi.ts";
import { PromisePollable } from "../../core/io/promise_pollable.ts";

/** A function of the caller. */
export interface CallerFunction {
  /** What it is called in messages. */
  readonly label: string;
  /** Its type. */
  readonly type: FunctionType;
  /**
   * Call it.
   *
   * @param args Values as the canonical ABI has them.
   * @param mayAnswerPromise True if the guest can be suspended now.
   */
  call(args: readonly unknown[], mayAnswerPromise: boolean): unknown;
}

/**
 * Make a function that a component imports.
 *
 * @param fn The function.
 * @param linking What all definitions of the guest share.
 */
export function callerFunction(fn: CallerFunction, linking: Linking): HostFunction {
  const type = functionTypeText(fn.type);
  if (!fn.type.isAsync) return { type, attempt: (cx) => attemptOf(fn, cx, linking) };
  const mayAnswerPromise = linking.store.waiter?.mode === "suspend";
  return { type, call: (args) => fn.call(args, mayAnswerPromise) };
}

function attemptOf(fn: CallerFunction, cx: CallContext, { values }: Linking): Attempt {
  const codec = new FunctionCodec(fn.type, values);
  const { store } = cx.instance;
  /** The call that waits: a component instance makes one at a time. */
  let pending: PromisePollable | undefined;
  let lent = 0;
  const finish = (value: unknown, flat: readonly CoreValue[]): 0 => {
    cx.refresh();
    cx.result = codec.lowerResult(cx, value, returnPointer(flat));
    if (codec.hasBorrow) cx.returnLent(lent);
    return DONE;
  };
  const attempt = (...flat: CoreValue[]): 0 | 1 => {
    if (pending === undefined) {
      cx.enter();
      lent = cx.lenders.length;
      const value = fn.call(codec.params.lift(cx, flat), store.canSuspend);
      if (!isThenable(value)) return finish(value, flat);
      pending = new PromisePollable(value);
      if (store.stacks === undefined) throw unexpectedPromise(fn);
    }
    if (!pending.isSettled) return cx.waitFor([pending], [Interest.READ], Infinity);
    const settled = pending;
    pending = undefined;
    return finish(settled.value(), flat);
  };
  return attempt as Attempt;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

function unexpectedPromise({ label }: CallerFunction): TypeError {
  return new TypeError(`Cannot use the promise that the host function ${label} returned: ${cannotSuspend()}`);
}
