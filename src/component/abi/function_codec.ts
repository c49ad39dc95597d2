/** Parameters and results of functions as core values. */

import { MAX_FLAT, MAX_FLAT_RESULTS } from "../types/flat.ts";
import type { FunctionType } from "../types/function_type.ts";
import { tupleType } from "../types/make.ts";
import type { ValueType } from "../types/value_type.ts";
import type { Codec, CoreValue } from "./codec.ts";
import type { Codecs } from "./codecs.ts";
import type { CallContext } from "./context.ts";

/** Check where a value is that is passed in memory. @returns The pointer, unsigned. */
function checkArea(cx: CallContext, pointer: number, { size, align }: ValueType): number {
  const at = pointer >>> 0;
  cx.checkSpan(at, size, align);
  return at;
}

/** Values that are passed as parameters are: one after the other, or, if they are too many, as a tuple in memory. */
export class ParamsCodec {
  readonly #codecs: readonly Codec[];
  readonly #offsets: readonly number[];
  readonly #spilled: Codec | undefined;

  /**
   * Make it.
   *
   * @param types Types of the values.
   * @param codecs What makes codecs.
   * @param maxFlat Most core values.
   */
  constructor(types: readonly ValueType[], codecs: Codecs, maxFlat: number = MAX_FLAT) {
    this.#codecs = types.map((type) => codecs.of(type));
    const offsets: number[] = [];
    let count = 0;
    for (const { flat } of types) {
      offsets.push(count);
      count += flat?.length ?? MAX_FLAT + 1;
    }
    this.#offsets = offsets;
    if (count > maxFlat) this.#spilled = codecs.of(tupleType(types));
  }

  /** True if the values are passed in memory. */
  get isSpilled(): boolean {
    return this.#spilled !== undefined;
  }

  /** Make values of what a guest passes. */
  lift(cx: CallContext, flat: readonly CoreValue[]): unknown[] {
    const spilled = this.#spilled;
    if (spilled !== undefined) {
      return spilled.load(cx, checkArea(cx, flat[0] as number, spilled.type)) as unknown[];
    }
    const codecs = this.#codecs;
    const values = new Array<unknown>(codecs.length);
    for (let i = 0; i < codecs.length; i++) {
      values[i] = (codecs[i] as Codec).lift(cx, flat, this.#offsets[i] as number);
    }
    return values;
  }

  /** Make core values of values. */
  lower(cx: CallContext, values: readonly unknown[], out: CoreValue[]): void {
    const spilled = this.#spilled;
    if (spilled !== undefined) {
      const { size, align } = spilled.type;
      const pointer = cx.realloc(align, size);
      spilled.store(cx, pointer, values);
      out[0] = pointer | 0;
      return;
    }
    const codecs = this.#codecs;
    for (let i = 0; i < codecs.length; i++) {
      (codecs[i] as Codec).lower(cx, values[i], out, this.#offsets[i] as number);
    }
  }
}

/** Converts parameters and results of one function, with synchronous options, in both directions. */
export class FunctionCodec {
  /** The function's type. */
  readonly type: FunctionType;
  /** Its parameters. */
  readonly params: ParamsCodec;
  /** True if a parameter has a borrowed handle. */
  readonly hasBorrow: boolean;
  readonly #result: Codec | undefined;
  readonly #isResultSpilled: boolean;

  /**
   * Make it.
   *
   * @param type The function's type.
   * @param codecs What makes codecs.
   */
  constructor(type: FunctionType, codecs: Codecs) {
    const { params, result } = type;
    this.type = type;
    this.params = new ParamsCodec(params.map((param) => param.type), codecs);
    this.hasBorrow = params.some((param) => param.type.hasBorrow);
    this.#result = result === undefined ? undefined : codecs.of(result);
    this.#isResultSpilled = result !== undefined &&
      (result.flat === undefined || result.flat.length > MAX_FLAT_RESULTS);
  }

  /**
   * Make a value of what a guest returns.
   *
   * @param core The core result, if there is one.
   */
  liftResult(cx: CallContext, core: CoreValue | undefined): unknown {
    const result = this.#result;
    if (result === undefined) return undefined;
    if (this.#isResultSpilled) return result.load(cx, checkArea(cx, core as number, result.type));
    return result.lift(cx, core === undefined ? [] : [core], 0);
  }

  /**
   * Return a value to a guest.
   *
   * @param value The value.
   * @param pointer Where the result goes, if it goes to memory; an i32, signed or not.
   * @returns The core result, if there is one.
   */
  lowerResult(cx: CallContext, value: unknown, pointer: number): CoreValue | undefined {
    const result = this.#result;
    if (result === undefined) return undefined;
    if (this.#isResultSpilled) {
      result.store(cx, checkArea(cx, pointer, result.type), value);
      return undefined;
    }
    const out: CoreValue[] = [];
    result.lower(cx, value, out, 0);
    return out[0];
  }

  /** Check that a function gets as many values as it has parameters. @throws {TypeError} If it does not. */
  checkCount(values: readonly unknown[]): void {
    const { length } = this.type.params;
    if (values.length !== length) throw new TypeError(`Expected ${length} arguments, got ${values.length}`);
  }
}

/**
 * Store a result where the caller has asked for it.
 *
 * @param result Codec of the result.
 * @param value The result.
 * @param pointer Where it goes; an i32, signed or not.
 */
export function storeResult(cx: CallContext, result: Codec, value: unknown, pointer: number): void {
  result.store(cx, checkArea(cx, pointer, result.type), value);
}

/** Where the result of a call goes that is lowered: the last core parameter, if it goes to memory. */
export function returnPointer(flat: readonly CoreValue[]): number {
  return flat.length === 0 ? 0 : (flat[flat.length - 1] as number);
}
