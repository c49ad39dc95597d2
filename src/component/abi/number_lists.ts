/** Lists of numbers: typed arrays, copied at once. Every machine that the runtimes run on is little-endian. */

/** Kinds of numbers. */
export type NumberKind = "u8" | "s8" | "u16" | "s16" | "u32" | "s32" | "u64" | "s64" | "f32" | "f64";

/** A typed array. */
export type NumberList =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface NumberListClass {
  readonly BYTES_PER_ELEMENT: number;
  from(values: readonly unknown[]): NumberList;
  new (buffer: ArrayBuffer, byteOffset: number, length: number): NumberList;
}

const CLASSES = {
  u8: Uint8Array,
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
} as unknown as Readonly<Record<NumberKind, NumberListClass>>;

/** True for a kind of number. */
export function isNumberKind(kind: string): kind is NumberKind {
  return Object.hasOwn(CLASSES, kind);
}

/** The typed arrays of one kind. */
export interface NumberLists {
  /** True for a typed array of the kind. */
  readonly isTyped: (value: unknown) => boolean;
  /** Make one of numbers. */
  readonly from: (values: readonly unknown[]) => NumberList;
  /** Copy elements out of memory. */
  readonly copyFrom: (bytes: Uint8Array, pointer: number, length: number) => NumberList;
}

/** The typed arrays of one kind. */
export function numberLists(kind: NumberKind): NumberLists {
  const Class = CLASSES[kind];
  const { BYTES_PER_ELEMENT } = Class;
  return {
    isTyped: (value) => value instanceof Class,
    from: (values) => Class.from(values),
    copyFrom: kind === "u8"
      ? (bytes, pointer, length) => bytes.slice(pointer, pointer + length)
      : (bytes, pointer, length) => {
        const copy = bytes.slice(pointer, pointer + length * BYTES_PER_ELEMENT);
        return new Class(copy.buffer, 0, length);
      },
  };
}
