/** How calls of functions of the host with asynchronous types go on, step by step. */

import { PromisePollable } from "../../core/io/promise_pollable.ts";
import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import { FunctionCodec, ParamsCodec, returnPointer, storeResult } from "../abi/function_codec.ts";
import { loadFlat, storeCore } from "../abi/raw_values.ts";
import type { Linking } from "../link/call/linking.ts";
import { DONE, type HostFunction } from "../link/function.ts";
import { withNumbers } from "../link/with_numbers.ts";
import { ComponentLinkError } from "../link/link_error.ts";
import { asyncLowerSignature, MAX_FLAT_ASYNC_PARAMS, syncLowerSignature } from "../types/flat.ts";
import type { FunctionType } from "../types/function_type.ts";
import type { HostWait } from "./host_waits.ts";

/** Begins a call, or goes on with it. @returns What it has to wait for; undefined once it is done. */
export type HostStep = () => HostWait | undefined;

/**
 * Prepares a call.
 *
 * @param cx The context of the caller.
 * @param flat Core parameters.
 * @param onResult Gets the core result of a function that was lowered with synchronous options.
 */
export type HostSteps = (
  cx: CallContext,
  flat: readonly CoreValue[],
  onResult: (core: CoreValue | undefined) => void,
) => HostStep;

/**
 * What prepares the calls of a function.
 *
 * @param type Its type, with the resource types of the guest.
 * @param host The function.
 * @param mode How it is lowered.
 * @param linking What all definitions of the guest share.
 */
export function stepsOf(type: FunctionType, host: HostFunction, mode: "sync" | "async", linking: Linking): HostSteps {
  const { attempt, lower, call } = host;
  if (attempt !== undefined) return attempted(type, (cx) => withNumbers(host, attempt(cx)) as Attempted, mode);
  if (lower !== undefined) {
    return attempted(type, (cx) => lowered(cx, withNumbers(host, lower(cx)) as AnyFunction), mode);
  }
  if (call !== undefined) return called(type, call, mode, linking);
  throw new ComponentLinkError(`A function of the host has no implementation: ${host.type}`);
}

type AnyFunction = (...args: readonly CoreValue[]) => unknown;
type Attempted = (...args: readonly CoreValue[]) => 0 | 1;

/** A call with values of JavaScript, which may answer a promise. */
function called(
  type: FunctionType,
  call: (args: readonly unknown[]) => unknown,
  mode: "sync" | "async",
  { values, store }: Linking,
): HostSteps {
  const codec = new FunctionCodec(type, values);
  const types = type.params.map((param) => param.type);
  const params = mode === "async" ? new ParamsCodec(types, values, MAX_FLAT_ASYNC_PARAMS) : codec.params;
  const result = type.result === undefined ? undefined : values.of(type.result);
  return (cx, flat, onResult) => {
    let pending: PromisePollable | undefined;
    const finish = (value: unknown): undefined => {
      cx.refresh();
      if (mode === "sync") onResult(codec.lowerResult(cx, value, returnPointer(flat)));
      else if (result !== undefined) storeResult(cx, result, value, returnPointer(flat));
    };
    return () => {
      if (pending !== undefined) return finish(pending.value());
      const value = call(params.lift(cx, flat));
      if (!isPromiseOf(type, value)) return finish(value);
      pending = new PromisePollable(value);
      return store.scheduler.host.one(pending);
    };
  };
}

/**
 * True for a promise of a result, and not a result that is one.
 *
 * @param type Type of the function.
 * @param value What it has answered.
 */
export function isPromiseOf({ result }: FunctionType, value: unknown): value is PromiseLike<unknown> {
  if (result?.kind === "future" || typeof value !== "object" || value === null) return false;
  return typeof (value as { then?: unknown }).then === "function";
}

/** A call that is lowered by hand, for synchronous options. Each call has an attempt of its own, which may keep state. */
function attempted(type: FunctionType, make: (cx: CallContext) => Attempted, mode: "sync" | "async"): HostSteps {
  const signature = syncLowerSignature(type);
  const isLoaded = asyncLowerSignature(type).hasSpilledParams && !signature.hasSpilledParams;
  return (cx, flat, onResult) => {
    const attempt = make(cx);
    const pointer = returnPointer(flat);
    const args = mode === "sync" ? flat : syncArguments(cx, type, flat, isLoaded);
    return () => {
      const answer = attempt(...args);
      if (answer !== DONE) return cx.instance.store.scheduler.host.requested();
      if (mode === "sync") onResult(cx.result);
      else if (type.result !== undefined && !signature.hasSpilledResult) {
        cx.refresh();
        storeCore(cx, type.result, pointer >>> 0, cx.result as CoreValue);
      }
      return undefined;
    };
  };
}

/** A function that never waits, as an attempt. */
function lowered(cx: CallContext, fn: AnyFunction): Attempted {
  return (...args) => {
    cx.result = fn(...args) as CoreValue | undefined;
    return DONE;
  };
}

/** The core parameters for synchronous options. */
function syncArguments(
  cx: CallContext,
  type: FunctionType,
  flat: readonly CoreValue[],
  isLoaded: boolean,
): readonly CoreValue[] {
  const hasPointer = syncLowerSignature(type).hasSpilledResult;
  const isDropped = type.result !== undefined && !hasPointer;
  if (!isLoaded) return isDropped ? flat.slice(0, -1) : flat;
  const args: CoreValue[] = [];
  loadFlat(cx, type.params.map((param) => param.type), (flat[0] as number) >>> 0, args);
  if (hasPointer) args.push(returnPointer(flat));
  return args;
}
