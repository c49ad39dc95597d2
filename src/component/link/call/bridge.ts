/** Calls from component to component. */

import type { CoreValue } from "../../abi/codec.ts";
import type { CallContext } from "../../abi/context.ts";
import { FunctionCodec } from "../../abi/function_codec.ts";
import { syncLowerSignature } from "../../types/flat.ts";
import type { ValueType } from "../../types/value_type.ts";
import type { Callee } from "./callee.ts";
import { enterAll, instancesEntered, leaveAll } from "./entering.ts";
import type { CoreFunction } from "../function.ts";
import { guarded } from "./guard.ts";
import type { Linking } from "./linking.ts";
import type { Task } from "../task.ts";
import { trap } from "../trap.ts";
import type { BridgeShape } from "./trampoline_modules.ts";

/** Kinds of values that are the same core value in the caller and the callee, whatever it is. */
const PLAIN: ReadonlySet<string> = new Set(["u32", "s32", "u64", "s64", "f32", "f64"]);

/** A call in progress that needs an account. */
interface Account {
  readonly task: Task | undefined;
  /** Handles of the caller from this one on were lent to the call. */
  readonly firstLent: number;
}

/**
 * Lower a lifted function: lift the parameters in the caller, lower them in the callee, call it, and the other way round
 * for the result. All of that happens in JavaScript, but the call itself comes from WebAssembly.
 *
 * @param callee The function.
 * @param cx The context of the caller.
 * @param linking What all definitions of the guest share.
 */
export function bridge(callee: Callee, cx: CallContext, linking: Linking): CoreFunction {
  const shape = shapeOf(callee);
  const call = new BridgedCall(callee, cx, linking, shape);
  const { outcome } = linking.store;
  const { params } = shape.caller;
  const { passesParams, passesResult, hasReturnPointer } = shape;
  const finishArity = (passesResult ? 0 : shape.callee.results.length) + (hasReturnPointer ? 1 : 0) + 1;
  const argument = (index: number): CoreValue => call.flat[index] as CoreValue;
  const imports = {
    start: guarded(passesParams ? call.enter : call.start, outcome, passesParams ? 0 : params.length),
    callee: callee.core,
    finish: guarded(passesResult ? call.leave : call.finish, outcome, finishArity),
    threw: guarded(uncaught, outcome, 0),
    i32: argument,
    i64: argument,
    f32: argument,
    f64: argument,
  };
  const module = linking.trampolines.bridge(shape);
  return new WebAssembly.Instance(module, { "": imports }).exports[""] as CoreFunction;
}

function uncaught(): never {
  return trap("uncaught exception of a component that was called by another");
}

function shapeOf({ type, signature, hasPostReturn }: Callee): BridgeShape {
  const caller = syncLowerSignature(type);
  const isPlain = ({ kind }: ValueType): boolean => PLAIN.has(kind);
  return {
    caller,
    callee: signature,
    passesParams: !signature.hasSpilledParams && type.params.every((param) => isPlain(param.type)),
    passesResult: !hasPostReturn && (type.result === undefined || isPlain(type.result)),
    hasReturnPointer: caller.hasSpilledResult,
  };
}

/** The part of a call that is in JavaScript. */
class BridgedCall {
  /** Core values of the parameters in the callee, while they are passed on. */
  readonly flat: CoreValue[] = [];
  readonly #callee: Callee;
  readonly #cx: CallContext;
  readonly #codec: FunctionCodec;
  readonly #entered: ReturnType<typeof instancesEntered>;
  readonly #shape: BridgeShape;
  /** Accounts by token - 1; undefined for those that are free. */
  readonly #accounts: (Account | undefined)[] = [];

  constructor(callee: Callee, cx: CallContext, linking: Linking, shape: BridgeShape) {
    this.#callee = callee;
    this.#cx = cx;
    this.#codec = new FunctionCodec(callee.type, linking.spans);
    this.#entered = instancesEntered(callee.instance, cx.instance);
    this.#shape = shape;
  }

  /** @returns A token for the end of the call. */
  readonly enter = (): number => {
    const firstLent = this.#cx.lenders.length;
    this.#cx.enter();
    enterAll(this.#entered);
    return this.#open(this.#callee.begin(this.#codec.hasBorrow), firstLent);
  };

  readonly start = (...flat: CoreValue[]): number => {
    const cx = this.#cx;
    const callee = this.#callee;
    const codec = this.#codec;
    const firstLent = cx.lenders.length;
    cx.enter();
    enterAll(this.#entered);
    const task = callee.begin(codec.hasBorrow);
    codec.params.lower(callee.cx, codec.params.lift(cx, flat), this.flat);
    return this.#open(task, firstLent);
  };

  #open(task: Task | undefined, firstLent: number): number {
    if (task === undefined && !this.#codec.hasBorrow) return 0;
    const accounts = this.#accounts;
    const index = accounts.indexOf(undefined);
    if (index < 0) return accounts.push({ task, firstLent });
    accounts[index] = { task, firstLent };
    return index + 1;
  }

  #close(token: number, result: CoreValue | undefined): void {
    const account = token === 0 ? undefined : this.#accounts[token - 1];
    this.#callee.end(account?.task, result);
    leaveAll(this.#entered);
    if (account === undefined) return;
    this.#accounts[token - 1] = undefined;
    if (this.#codec.hasBorrow) this.#cx.returnLent(account.firstLent);
  }

  /** The end of a call whose result is passed on as it is. */
  readonly leave = (token: number): void => {
    if (token !== 0) this.#accounts[token - 1]?.task?.checkReturn();
    this.#close(token, undefined);
  };

  /** The end of a call: the core result, if there is one; where the result goes, if it goes to memory; the token. */
  readonly finish = (...args: CoreValue[]): CoreValue | undefined => {
    const cx = this.#cx;
    const { cx: calleeCx } = this.#callee;
    const codec = this.#codec;
    const token = args[args.length - 1] as number;
    if (token !== 0) this.#accounts[token - 1]?.task?.checkReturn();
    calleeCx.refresh();
    const core = args.length > (this.#shape.hasReturnPointer ? 2 : 1) ? args[0] : undefined;
    const value = codec.liftResult(calleeCx, core);
    cx.refresh();
    const result = codec.lowerResult(cx, value, args[args.length - 2] as number);
    this.#close(token, core);
    return result;
  };
}
