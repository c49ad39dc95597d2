/** Core values in memory, without regard to what they stand for: handles stay handles, strings stay where they are. */

import { tupleType } from "../types/make.ts";
import type { CoreType, ValueType } from "../types/value_type.ts";
import type { CoreValue } from "./codec.ts";
import type { CallContext } from "./context.ts";
import { joinValue, zeroOf } from "./core_values.ts";

/**
 * Read parameters that are a tuple in memory.
 *
 * @param cx The context of the caller.
 * @param types Types of the parameters.
 * @param pointer Unsigned.
 * @param out Gets the core values.
 * @throws {ComponentTrap} If the tuple is not in memory, or not aligned.
 */
export function loadFlat(cx: CallContext, types: readonly ValueType[], pointer: number, out: CoreValue[]): void {
  const tuple = tupleType(types);
  cx.checkSpan(pointer, tuple.size, tuple.align);
  load(cx, tuple, pointer, out);
}

/**
 * Write a value that is one core value.
 *
 * @param cx The context of the caller.
 * @param type Its type.
 * @param pointer Unsigned.
 * @param core The core value.
 * @throws {ComponentTrap} If there is no room for it in memory, or the pointer is not aligned.
 */
export function storeCore(cx: CallContext, type: ValueType, pointer: number, core: CoreValue): void {
  const { size, align, flat } = type;
  const { view } = cx;
  cx.checkSpan(pointer, size, align);
  switch (flat?.[0]) {
    case "i64":
      return view.setBigInt64(pointer, core as bigint, true);
    case "f32":
      return view.setFloat32(pointer, core as number, true);
    case "f64":
      return view.setFloat64(pointer, core as number, true);
  }
  if (size === 1) view.setUint8(pointer, core as number);
  else if (size === 2) view.setUint16(pointer, core as number, true);
  else view.setInt32(pointer, core as number, true);
}

function load(cx: CallContext, type: ValueType, pointer: number, out: CoreValue[]): void {
  switch (type.kind) {
    case "record":
      return type.fields.forEach((field) => load(cx, field.type, pointer + field.offset, out));
    case "tuple":
      return type.types.forEach((each, i) => load(cx, each, pointer + (type.offsets[i] as number), out));
    case "variant":
    case "option":
    case "result":
      return loadVariant(cx, type, pointer, out);
    case "list":
      if (type.length === undefined) break;
      for (let i = 0; i < type.length; i++) load(cx, type.element, pointer + i * type.element.size, out);
      return;
  }
  if (type.flat?.length === 2) out.push(cx.view.getInt32(pointer, true), cx.view.getInt32(pointer + 4, true));
  else out.push(loadCore(cx, type, pointer));
}

function loadVariant(
  cx: CallContext,
  type: ValueType & { readonly kind: "variant" | "option" | "result" },
  pointer: number,
  out: CoreValue[],
): void {
  const joined = (type.flat as readonly CoreType[]).slice(1);
  const tag = loadUnsigned(cx, type.discriminantSize, pointer);
  const payload = type.cases[tag]?.type;
  const values: CoreValue[] = [];
  if (payload !== undefined) load(cx, payload, pointer + type.payloadOffset, values);
  out.push(tag);
  joined.forEach((each, i) => {
    const own = payload?.flat?.[i];
    out.push(own === undefined ? zeroOf(each) : joinValue(values[i] as CoreValue, own, each, cx.scratch));
  });
}

function loadCore(cx: CallContext, type: ValueType, pointer: number): CoreValue {
  const { view } = cx;
  switch (type.flat?.[0]) {
    case "i64":
      return view.getBigInt64(pointer, true);
    case "f32":
      return view.getFloat32(pointer, true);
    case "f64":
      return view.getFloat64(pointer, true);
  }
  if (type.kind === "s8") return view.getInt8(pointer);
  if (type.kind === "s16") return view.getInt16(pointer, true);
  return type.size === 4 ? view.getInt32(pointer, true) : loadUnsigned(cx, type.size, pointer);
}

function loadUnsigned({ view }: CallContext, size: number, pointer: number): number {
  if (size === 1) return view.getUint8(pointer);
  return size === 2 ? view.getUint16(pointer, true) : view.getUint32(pointer, true);
}
