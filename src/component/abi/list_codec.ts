/** Lists and maps. */

import { trap } from "../link/trap.ts";
import type { ListType, MapType, ValueType } from "../types/value_type.ts";
import type { Codec } from "./codec.ts";
import type { CallContext } from "./context.ts";
import { mismatch } from "./mismatch.ts";
import { isNumberKind, type NumberKind, type NumberList, numberLists } from "./number_lists.ts";

/** Most bytes of a list, as in the specification. */
const MAX_LIST_BYTES = 2 ** 28 - 1;

/** What a list is in JavaScript. */
export interface ListValues {
  /** Read elements, which are inside memory and aligned. */
  readonly load: (cx: CallContext, pointer: number, length: number) => unknown;
  /** Number of elements. @throws {TypeError} If the value is no list. */
  readonly lengthOf: (value: unknown) => number;
  /** Write elements to memory that was allocated for them. */
  readonly store: (cx: CallContext, pointer: number, value: unknown) => void;
}

/** Lists of numbers: typed arrays; all others: arrays. Both are accepted. */
export function listValues(type: ListType, element: Codec): ListValues {
  const { kind } = type.element;
  return isNumberKind(kind) ? numberValues(type, kind, element) : arrayValues(type, element);
}

/** Maps: `Map`; any iterable of entries is accepted. */
export function mapValues(type: MapType, entry: Codec): ListValues {
  const { load, store } = arrayValues(type, entry);
  return {
    load: (cx, pointer, length) => new Map(load(cx, pointer, length) as [unknown, unknown][]),
    lengthOf: (value) => entriesOf(type, value).length,
    store: (cx, pointer, value) => store(cx, pointer, entriesOf(type, value)),
  };
}

function entriesOf(type: MapType, value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return value instanceof Map ? [...value] : mismatch(value, type, "expected a Map");
}

function arrayValues(type: ListType | MapType, { type: { size }, load, store }: Codec): ListValues {
  return {
    load(cx, pointer, length) {
      const values = new Array<unknown>(length);
      for (let i = 0; i < length; i++) values[i] = load(cx, pointer + i * size);
      return values;
    },
    lengthOf: (value) => Array.isArray(value) ? value.length : mismatch(value, type, "expected an array"),
    store(cx, pointer, value) {
      const values = value as readonly unknown[];
      for (let i = 0; i < values.length; i++) store(cx, pointer + i * size, values[i]);
    },
  };
}

function numberValues(type: ListType, kind: NumberKind, element: Codec): ListValues {
  const { isTyped, copyFrom } = numberLists(kind);
  const { store } = arrayValues(type, element);
  return {
    load: (cx, pointer, length) => copyFrom(cx.bytes, pointer, length),
    lengthOf: (value) => {
      const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
      return isList
        ? (value as ArrayLike<unknown>).length
        : mismatch(value, type, "expected a typed array or an array");
    },
    store(cx, pointer, value) {
      if (!isTyped(value)) return store(cx, pointer, value);
      const { buffer, byteOffset, byteLength } = value as NumberList;
      cx.bytes.set(value instanceof Uint8Array ? value : new Uint8Array(buffer, byteOffset, byteLength), pointer);
    },
  };
}

/**
 * Check where the elements of a list are.
 *
 * @param pointer Unsigned.
 * @param length Number of elements.
 * @throws {ComponentTrap} If they are not in memory, not aligned, or too many.
 */
function checkList(cx: CallContext, pointer: number, length: number, element: ValueType): void {
  const size = length * element.size;
  if ((pointer & (element.align - 1)) !== 0) trap("unaligned pointer");
  if (pointer + size > cx.bytes.length) trap("list pointer/length out of bounds of memory");
  if (size > MAX_LIST_BYTES) tooLong();
}

/** Allocate a list. @returns A pointer. */
function allocateList(cx: CallContext, length: number, element: ValueType): number {
  const size = length * element.size;
  if (size > MAX_LIST_BYTES) tooLong();
  return cx.realloc(element.align, size);
}

function tooLong(): never {
  return trap(`list too long: the limit is ${MAX_LIST_BYTES} bytes`);
}

/** Lists and maps: pointer and length. */
export function listCodec(type: ListType | MapType, element: ValueType, values: ListValues): Codec {
  const loadAt = (cx: CallContext, pointer: number, length: number): unknown => {
    checkList(cx, pointer, length, element);
    return values.load(cx, pointer, length);
  };
  return {
    type,
    load: (cx, at) => loadAt(cx, cx.view.getUint32(at, true), cx.view.getUint32(at + 4, true)),
    store(cx, at, value) {
      const length = values.lengthOf(value);
      const pointer = allocateList(cx, length, element);
      values.store(cx, pointer, value);
      cx.view.setUint32(at, pointer, true);
      cx.view.setUint32(at + 4, length, true);
    },
    lift: (cx, flat, at) => loadAt(cx, (flat[at] as number) >>> 0, (flat[at + 1] as number) >>> 0),
    lower(cx, value, out, at) {
      const length = values.lengthOf(value);
      const pointer = allocateList(cx, length, element);
      values.store(cx, pointer, value);
      out[at] = pointer | 0;
      out[at + 1] = length | 0;
    },
  };
}

/** Lists of fixed length, whose elements stand in place. */
export function fixedListCodec(type: ListType, element: Codec, values: ListValues): Codec {
  const length = type.length as number;
  const step = element.type.flat?.length ?? 0;
  const check = (value: unknown): unknown => {
    return values.lengthOf(value) === length ? value : mismatch(value, type, `expected ${length} elements`);
  };
  return {
    type,
    load: (cx, at) => values.load(cx, at, length),
    store: (cx, at, value) => values.store(cx, at, check(value)),
    lift: (cx, flat, at) => Array.from({ length }, (_, i) => element.lift(cx, flat, at + i * step)),
    lower(cx, value, out, at) {
      const elements = check(value) as ArrayLike<unknown>;
      for (let i = 0; i < length; i++) element.lower(cx, elements[i], out, at + i * step);
    },
  };
}
