/** Functions of the host that write a line for each call. */

import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import { FunctionCodec, returnPointer } from "../abi/function_codec.ts";
import { Codecs } from "../abi/codecs.ts";
import { isPromiseOf } from "../async/host_steps.ts";
import { Interest } from "../../contract/pollable.ts";
import { PromisePollable } from "../../core/io/promise_pollable.ts";
import { type Attempt, type CoreFunction, DONE, type HostFunction } from "../link/function.ts";
import { withNumbers } from "../link/with_numbers.ts";
import type { FunctionType } from "../types/function_type.ts";
import { tupleType } from "../types/make.ts";
import { syncLowerSignature } from "../types/flat.ts";
import { ValueTexts } from "./value_texts.ts";

type AnyFunction = (...args: CoreValue[]) => unknown;

/**
 * Trace a function: `wasi:filesystem/types#descriptor.stat-at(3, {symlink-follow}, "a") => ok({type: regular-file, …})`.
 *
 * A call that waits is one line, once it is done. A call that ends the guest has no result.
 *
 * @param name Interface and function: `wasi:filesystem/types@0.2.12#[method]descriptor.stat-at`.
 * @param type Its type.
 * @param fn The function.
 * @param write Called with each line.
 */
export function tracedFunction(
  name: string,
  type: FunctionType,
  fn: HostFunction,
  write: (line: string) => void,
): HostFunction {
  const label = labelOf(name);
  const attempt = fn.attempt ?? (type.isAsync && fn.lower === undefined ? promisedAttempt(type, fn) : undefined);
  if (attempt !== undefined) {
    return {
      type: fn.type,
      attempt: (cx) => tracedAttempt(withNumbers(fn, attempt(cx)), label, type, cx, write),
    };
  }
  const lower = fn.lower ?? genericLower(type, fn);
  return { type: fn.type, lower: (cx) => tracedCore(withNumbers(fn, lower(cx)), label, type, cx, write) };
}

function labelOf(name: string): string {
  return name.replace(/@[^#]*/, "").replace(/\[(?:method|static)\]/, "").replace(
    /\[constructor\](.*)/,
    "$1.constructor",
  );
}

function tracedCore(
  core: CoreFunction,
  label: string,
  type: FunctionType,
  cx: CallContext,
  write: (line: string) => void,
): CoreFunction {
  const texts = new CallTexts(type, cx);
  return (...args: CoreValue[]) => {
    const begun = `${label}(${texts.args(args)})`;
    let result: unknown;
    try {
      result = (core as AnyFunction)(...args);
    } catch (error) {
      write(begun);
      throw error;
    }
    write(begun + texts.result(args, result as CoreValue | undefined));
    return result;
  };
}

function tracedAttempt(
  attempt: Attempt,
  label: string,
  type: FunctionType,
  cx: CallContext,
  write: (line: string) => void,
): Attempt {
  const texts = new CallTexts(type, cx);
  let begun: string | undefined;
  const traced = (...args: CoreValue[]): 0 | 1 => {
    begun ??= `${label}(${texts.args(args)})`;
    let answer: 0 | 1;
    try {
      answer = (attempt as (...args: CoreValue[]) => 0 | 1)(...args);
    } catch (error) {
      write(begun);
      throw error;
    }
    if (answer !== DONE) return answer;
    write(begun + texts.result(args, cx.result));
    begun = undefined;
    return answer;
  };
  return traced as Attempt;
}

/** A function with values of JavaScript that may answer a promise. Each call has an attempt of its own. */
function promisedAttempt(type: FunctionType, { call }: HostFunction): (cx: CallContext) => Attempt {
  const codec = new FunctionCodec(type, new Codecs());
  return (cx) => {
    let pending: PromisePollable | undefined;
    const finish = (value: unknown, flat: readonly CoreValue[]): 0 => {
      cx.refresh();
      cx.result = codec.lowerResult(cx, value, returnPointer(flat));
      return DONE;
    };
    const attempt = (...flat: CoreValue[]): 0 | 1 => {
      if (pending !== undefined) return finish(pending.value(), flat);
      const value = call?.(codec.params.lift(cx, flat));
      if (!isPromiseOf(type, value)) return finish(value, flat);
      pending = new PromisePollable(value);
      return cx.waitFor([pending], [Interest.READ], Infinity);
    };
    return attempt as Attempt;
  };
}

/** As the linker lowers a function with values of JavaScript. */
function genericLower(type: FunctionType, { call }: HostFunction): (cx: CallContext) => CoreFunction {
  const codec = new FunctionCodec(type, new Codecs());
  return (cx) => (...flat: CoreValue[]) => {
    cx.enter();
    const lent = cx.lenders.length;
    const value = call?.(codec.params.lift(cx, flat));
    cx.refresh();
    const result = codec.lowerResult(cx, value, returnPointer(flat));
    if (codec.hasBorrow) cx.returnLent(lent);
    return result;
  };
}

/** Texts of the calls of one function. */
class CallTexts {
  readonly #type: FunctionType;
  readonly #cx: CallContext;
  readonly #texts: ValueTexts;
  readonly #isSpilled: boolean;
  readonly #isResultSpilled: boolean;

  constructor(type: FunctionType, cx: CallContext) {
    this.#type = type;
    this.#cx = cx;
    this.#texts = new ValueTexts(cx);
    const { params, results } = syncLowerSignature(type);
    const count = type.params.reduce((sum, param) => sum + (param.type.flat?.length ?? Infinity), 0);
    this.#isSpilled = count > params.length;
    this.#isResultSpilled = type.result !== undefined && results.length === 0;
  }

  args(flat: readonly CoreValue[]): string {
    this.#cx.refresh();
    const types = this.#type.params.map((param) => param.type);
    if (types.length === 0) return "";
    if (this.#isSpilled) return this.#texts.loaded(tupleType(types), (flat[0] as number) >>> 0).slice(1, -1);
    return this.#texts.flat(tupleType(types), flat, 0).slice(1, -1);
  }

  result(flat: readonly CoreValue[], core: CoreValue | undefined): string {
    const { result } = this.#type;
    if (result === undefined) return "";
    this.#cx.refresh();
    const text = this.#isResultSpilled
      ? this.#texts.loaded(result, returnPointer(flat) >>> 0)
      : this.#texts.flat(result, [core as CoreValue], 0);
    return ` => ${text}`;
  }
}
