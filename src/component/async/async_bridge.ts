/** Calls from component to component in which one side, or both, use the asynchronous ABI. */

import type { Codec, CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import { FunctionCodec, ParamsCodec, returnPointer, storeResult } from "../abi/function_codec.ts";
import type { Callee } from "../link/call/callee.ts";
import { enterAll, instancesEntered, leaveAll } from "../link/call/entering.ts";
import { guarded } from "../link/call/guard.ts";
import type { Linking } from "../link/call/linking.ts";
import type { CoreFunction } from "../link/function.ts";
import type { Task } from "../link/task.ts";
import { trap } from "../link/trap.ts";
import { asyncLowerSignature, MAX_FLAT_ASYNC_PARAMS, syncLowerSignature } from "../types/flat.ts";

/** State of a subtask that has returned: the result of a function that was lowered with the option `async`. */
export const RETURNED = 2;

/**
 * Lower a lifted function, as `bridge` does. The result is lowered when the callee returns it, which may be before its core
 * function returns.
 *
 * @param callee The function.
 * @param cx The context of the caller.
 * @param linking What all definitions of the guest share.
 * @param mode `"async"` for `canon lower` with the option `async`.
 */
export function asyncBridge(callee: Callee, cx: CallContext, linking: Linking, mode: "sync" | "async"): CoreFunction {
  const caller = mode === "async" ? asyncLowerSignature(callee.type) : syncLowerSignature(callee.type);
  const call = new AsyncBridgedCall(callee, cx, linking, mode === "async");
  const { outcome } = linking.store;
  const argument = (index: number): CoreValue => call.flat[index] as CoreValue;
  const imports = {
    start: guarded(call.start, outcome, caller.params.length),
    callee: callee.core,
    finish: guarded(call.finish, outcome, callee.signature.results.length + 1),
    threw: guarded(uncaught, outcome, 0),
    i32: argument,
    i64: argument,
    f32: argument,
    f64: argument,
  };
  const module = linking.trampolines.bridge({
    caller,
    callee: callee.signature,
    passesParams: false,
    passesResult: false,
    hasReturnPointer: false,
  });
  return new WebAssembly.Instance(module, { "": imports }).exports[""] as CoreFunction;
}

function uncaught(): never {
  return trap("uncaught exception of a component that was called by another");
}

/** A call in progress. */
interface Account {
  readonly task: Task | undefined;
  /** Handles of the caller from this one on were lent to the call. */
  readonly firstLent: number;
  /** Where the result goes, if it goes to memory. */
  readonly pointer: number;
  /** The core result of a caller that is lowered synchronously. */
  result: CoreValue | undefined;
}

/** The part of a call that is in JavaScript. */
class AsyncBridgedCall {
  /** Core values of the parameters in the callee, while they are passed on. */
  readonly flat: CoreValue[] = [];
  readonly #callee: Callee;
  readonly #cx: CallContext;
  readonly #codec: FunctionCodec;
  readonly #params: ParamsCodec;
  readonly #returned: ParamsCodec;
  readonly #result: Codec | undefined;
  readonly #entered: ReturnType<typeof instancesEntered>;
  readonly #isAsync: boolean;
  readonly #accounts: Map<number, Account> = new Map();
  #lastToken = 0;

  constructor(callee: Callee, cx: CallContext, linking: Linking, isAsync: boolean) {
    const { type } = callee;
    const { spans } = linking;
    this.#callee = callee;
    this.#cx = cx;
    this.#codec = new FunctionCodec(type, spans);
    this.#params = isAsync
      ? new ParamsCodec(type.params.map((param) => param.type), spans, MAX_FLAT_ASYNC_PARAMS)
      : this.#codec.params;
    this.#returned = new ParamsCodec(type.result === undefined ? [] : [type.result], spans);
    this.#result = type.result === undefined ? undefined : spans.of(type.result);
    this.#entered = instancesEntered(callee.instance, cx.instance);
    this.#isAsync = isAsync;
  }

  readonly start = (...flat: CoreValue[]): number => {
    const cx = this.#cx;
    const callee = this.#callee;
    const firstLent = cx.lenders.length;
    cx.enter();
    enterAll(this.#entered);
    const task = callee.begin(this.#codec.hasBorrow);
    const account: Account = { task, firstLent, pointer: returnPointer(flat), result: undefined };
    if (callee.isAsync && task !== undefined) {
      task.onReturn = (core) => this.#return(account, this.#returned.lift(callee.cx, core)[0]);
    }
    const token = ++this.#lastToken;
    this.#accounts.set(token, account);
    this.#codec.params.lower(callee.cx, this.#params.lift(cx, flat), this.flat);
    return token;
  };

  /** The end of a call: the core result, if there is one; the token. */
  readonly finish = (...args: CoreValue[]): CoreValue | undefined => {
    const callee = this.#callee;
    const token = args[args.length - 1] as number;
    const account = this.#accounts.get(token) as Account;
    const { task } = account;
    const core = args.length > 1 ? args[0] : undefined;
    callee.cx.refresh();
    if (callee.isAsync) {
      callee.settle(task, core);
    } else {
      task?.checkReturn();
      this.#return(account, this.#codec.liftResult(callee.cx, core));
    }
    callee.end(task, core);
    leaveAll(this.#entered);
    this.#accounts.delete(token);
    this.#cx.returnLent(account.firstLent);
    return this.#isAsync ? RETURNED : account.result;
  };

  #return(account: Account, value: unknown): void {
    const cx = this.#cx;
    cx.refresh();
    if (!this.#isAsync) account.result = this.#codec.lowerResult(cx, value, account.pointer);
    else if (this.#result !== undefined) storeResult(cx, this.#result, value, account.pointer);
  }
}
