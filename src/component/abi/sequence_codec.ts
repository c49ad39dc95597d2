/** Records and tuples. */

import type { RecordType, TupleType, ValueType } from "../types/value_type.ts";
import type { Codec } from "./codec.ts";
import { mismatch } from "./mismatch.ts";
import { camelCase } from "./names.ts";

/** An element of a record or a tuple. */
interface Element {
  readonly codec: Codec;
  /** Key in the value of JavaScript. */
  readonly key: string | number;
  /** Bytes from the start of the sequence. */
  readonly offset: number;
  /** Core values from the start of the sequence. */
  readonly flatOffset: number;
}

type Values = Record<string | number, unknown>;

/**
 * Records: objects with camelCase keys.
 *
 * @param codecs Those of the fields.
 */
export function recordCodec(type: RecordType, codecs: readonly Codec[]): Codec {
  const elements = elementsOf(
    codecs,
    type.fields.map(({ name }) => camelCase(name)),
    type.fields.map(({ offset }) => offset),
  );
  return sequenceCodec(type, elements, () => ({}), (value): Values => {
    return typeof value === "object" && value !== null ? value as Values : mismatch(value, type, "expected an object");
  });
}

/**
 * Tuples: arrays.
 *
 * @param codecs Those of the elements.
 */
export function tupleCodec(type: TupleType, codecs: readonly Codec[]): Codec {
  const { length } = codecs;
  const elements = elementsOf(codecs, codecs.map((_, i) => i), type.offsets);
  return sequenceCodec(type, elements, () => new Array(length) as unknown as Values, (value): Values => {
    const isTuple = Array.isArray(value) && value.length === length;
    return isTuple ? value as unknown as Values : mismatch(value, type, `expected an array of ${length}`);
  });
}

function elementsOf(
  codecs: readonly Codec[],
  keys: readonly (string | number)[],
  offsets: readonly number[],
): Element[] {
  let flatOffset = 0;
  return codecs.map((codec, i) => {
    const element = { codec, key: keys[i] as string | number, offset: offsets[i] as number, flatOffset };
    flatOffset += codec.type.flat?.length ?? 0;
    return element;
  });
}

function sequenceCodec(
  type: ValueType,
  elements: readonly Element[],
  make: () => Values,
  check: (value: unknown) => Values,
): Codec {
  return {
    type,
    load(cx, pointer) {
      const values = make();
      for (const { codec, key, offset } of elements) values[key] = codec.load(cx, pointer + offset);
      return values;
    },
    store(cx, pointer, value) {
      const values = check(value);
      for (const { codec, key, offset } of elements) codec.store(cx, pointer + offset, values[key]);
    },
    lift(cx, flat, at) {
      const values = make();
      for (const { codec, key, flatOffset } of elements) values[key] = codec.lift(cx, flat, at + flatOffset);
      return values;
    },
    lower(cx, value, out, at) {
      const values = check(value);
      for (const { codec, key, flatOffset } of elements) codec.lower(cx, values[key], out, at + flatOffset);
    },
  };
}
