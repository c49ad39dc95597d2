/** Values of a guest as text, for the trace: read from core values and from memory, without taking any handle. */

import { splitValue } from "../abi/core_values.ts";
import type { CoreValue } from "../abi/codec.ts";
import type { CallContext } from "../abi/context.ts";
import type { CoreType, ListType, MapType, PrimitiveType, ValueType } from "../types/value_type.ts";

/** Most elements of a list, and characters of a string, that are shown. */
const MAX_ELEMENTS = 8;
const MAX_CHARACTERS = 200;

/** Types whose content is in memory, by pointer and length. */
type PointerType = PrimitiveType | ListType | MapType;

type Cases = readonly { readonly name: string; readonly type: ValueType | undefined }[];

/** Writes values of the guest as text. */
export class ValueTexts {
  readonly #cx: CallContext;
  readonly #bits: DataView = new DataView(new ArrayBuffer(8));

  /** @param cx The guest's memory. */
  constructor(cx: CallContext) {
    this.#cx = cx;
  }

  /**
   * The text of a value in memory.
   *
   * @param at Where it is; unsigned.
   */
  loaded(type: ValueType, at: number): string {
    const { view } = this.#cx;
    switch (type.kind) {
      case "string":
      case "list":
      case "map":
        if (type.kind === "list" && type.length !== undefined) return `list of ${type.length}`;
        return this.#content(type, view.getUint32(at, true), view.getUint32(at + 4, true));
      case "record":
        return `{${
          type.fields.map((field) => `${field.name}: ${this.loaded(field.type, at + field.offset)}`).join(", ")
        }}`;
      case "tuple":
        return `(${type.types.map((each, i) => this.loaded(each, at + type.offsets[i]!)).join(", ")})`;
      case "variant":
      case "option":
      case "result":
        return caseText(type.kind, type.cases, this.#uint(at, type.discriminantSize), (payload) => {
          return this.loaded(payload, at + type.payloadOffset);
        });
      case "f32":
        return String(view.getFloat32(at, true));
      case "f64":
        return String(view.getFloat64(at, true));
      default:
        return this.flat(type, [type.size === 8 ? view.getBigInt64(at, true) : this.#uint(at, type.size)], 0);
    }
  }

  /**
   * The text of a value that is passed as core values.
   *
   * @param flat Core values.
   * @param at Index of its first.
   */
  flat(type: ValueType, flat: readonly CoreValue[], at: number): string {
    const value = flat[at] as number;
    switch (type.kind) {
      case "bool":
        return value === 0 ? "false" : "true";
      case "char":
        return JSON.stringify(String.fromCodePoint(Math.min(value >>> 0, 0x10ffff)));
      case "u8":
      case "s8":
      case "u16":
      case "s16":
      case "u32":
      case "s32":
      case "u64":
      case "s64":
        return integerText(type.kind, flat[at] as CoreValue);
      case "enum":
        return type.labels[value] ?? `case ${value}`;
      case "flags":
        return `{${type.labels.filter((_, i) => (value >>> i & 1) === 1).join(", ")}}`;
      case "own":
      case "borrow":
        return String(value >>> 0);
      case "string":
      case "list":
      case "map":
        return this.#content(type, value >>> 0, (flat[at + 1] as number) >>> 0);
      case "record":
        return `{${this.#sequence(type.fields, flat, at, (field) => `${field.name}: `).join(", ")}}`;
      case "tuple":
        return `(${this.#sequence(type.types.map((each) => ({ type: each })), flat, at, () => "").join(", ")})`;
      case "variant":
      case "option":
      case "result":
        return caseText(type.kind, type.cases, value, (payload) => this.#joined(payload, type.flat ?? [], flat, at));
      default:
        return String(flat[at]);
    }
  }

  #sequence<Element extends { readonly type: ValueType }>(
    elements: readonly Element[],
    flat: readonly CoreValue[],
    at: number,
    label: (element: Element) => string,
  ): string[] {
    let next = at;
    return elements.map((element) => {
      const text = label(element) + this.flat(element.type, flat, next);
      next += element.type.flat?.length ?? 0;
      return text;
    });
  }

  #joined(payload: ValueType, joined: readonly CoreType[], flat: readonly CoreValue[], at: number): string {
    const own = (payload.flat ?? []).map((type, i) => {
      return splitValue(flat[at + 1 + i] as CoreValue, joined[i + 1] as CoreType, type, this.#bits);
    });
    return this.flat(payload, own, 0);
  }

  #content(type: PointerType, pointer: number, length: number): string {
    const { bytes } = this.#cx;
    if (type.kind !== "list" && type.kind !== "map") return stringText(this.#cx.loadString(pointer, length));
    const element = type.kind === "map" ? type.entry : type.element;
    if (element.kind === "u8") return `${length} bytes`;
    if (pointer + length * element.size > bytes.length) return `list of ${length} outside of memory`;
    const shown = Array.from({ length: Math.min(length, MAX_ELEMENTS) }, (_, i) => {
      return this.loaded(element, pointer + i * element.size);
    });
    return `[${shown.join(", ")}${length > MAX_ELEMENTS ? `, … of ${length}` : ""}]`;
  }

  #uint(at: number, size: number): number {
    const { view } = this.#cx;
    if (size === 1) return view.getUint8(at);
    return size === 2 ? view.getUint16(at, true) : view.getUint32(at, true);
  }
}

function caseText(
  kind: "variant" | "option" | "result",
  cases: Cases,
  index: number,
  payloadText: (type: ValueType) => string,
): string {
  const found = cases[index];
  if (found === undefined) return `case ${index}`;
  const { name, type } = found;
  if (kind === "option") return type === undefined ? "none" : payloadText(type);
  const label = kind === "result" && index === 1 ? "err" : name;
  return type === undefined ? label : `${label}(${payloadText(type)})`;
}

function integerText(kind: string, value: CoreValue): string {
  const bits = Number(kind.slice(1));
  const big = BigInt(value);
  return String(kind.startsWith("u") ? BigInt.asUintN(bits, big) : BigInt.asIntN(bits, big));
}

function stringText(text: string): string {
  return text.length > MAX_CHARACTERS ? `${JSON.stringify(text.slice(0, MAX_CHARACTERS))}…` : JSON.stringify(text);
}
