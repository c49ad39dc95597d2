/** How values of one type pass between JavaScript and a guest. */

import type { ValueType } from "../types/value_type.ts";
import type { CallContext } from "./context.ts";

/** A value of a core function: i32 as a signed number, i64 as a signed bigint, f32 and f64 as numbers. */
export type CoreValue = number | bigint;

/**
 * Moves values of one type. There is one codec for each type and each {@linkcode Codecs}; it keeps no state, and its
 * functions are closures that were made once.
 *
 * Whoever calls `load` and `store` has checked that the type's size fits into memory at the pointer, and that this is
 * aligned. The views of the context are fresh when a function is called, and fresh when it returns.
 */
export interface Codec {
  /** The type. */
  readonly type: ValueType;
  /**
   * Read a value from memory.
   *
   * @param pointer Unsigned.
   * @throws {ComponentTrap} If the value is not valid.
   */
  readonly load: (cx: CallContext, pointer: number) => unknown;
  /**
   * Write a value to memory. Strings and lists are allocated.
   *
   * @param pointer Unsigned.
   * @throws {TypeError} If the value is not of the type.
   */
  readonly store: (cx: CallContext, pointer: number, value: unknown) => void;
  /**
   * Make a value of core values, at most `MAX_FLAT` of them.
   *
   * @param flat Core values.
   * @param at Index of the first.
   * @throws {ComponentTrap} If the value is not valid.
   */
  readonly lift: (cx: CallContext, flat: readonly CoreValue[], at: number) => unknown;
  /**
   * Make core values of a value, at most `MAX_FLAT`.
   *
   * @param out Where they go.
   * @param at Index of the first.
   * @throws {TypeError} If the value is not of the type.
   */
  readonly lower: (cx: CallContext, value: unknown, out: CoreValue[], at: number) => void;
}
