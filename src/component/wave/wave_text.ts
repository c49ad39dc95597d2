/** Values of JavaScript, by the conventions of `instantiate`, as text of WAVE. */

import { camelCase } from "../abi/names.ts";
import type { TaggedValue } from "../abi/variant_values.ts";
import type { OptionType, ResultType, ValueType, VariantType } from "../types/value_type.ts";
import { written } from "./wave_value.ts";

/**
 * The text of a value.
 *
 * @param type Its type.
 * @param value The value.
 * @returns WAVE; a resource, which has no text there, is `<its name>`.
 */
export function waveText(type: ValueType, value: unknown): string {
  switch (type.kind) {
    case "string":
      return `"${escaped(value as string, '"')}"`;
    case "char":
      return `'${escaped(value as string, "'")}'`;
    case "f32":
      return floatText(value as number, Math.fround);
    case "f64":
      return floatText(value as number, Number);
    case "list":
      return `[${Array.from(value as ArrayLike<unknown>, (each) => waveText(type.element, each)).join(", ")}]`;
    case "map":
      return braces(
        Array.from(value as Map<unknown, unknown>, ([key, each]) => {
          return `${waveText(type.key, key)}: ${waveText(type.value, each)}`;
        }),
      );
    case "tuple":
      return `(${type.types.map((each, i) => waveText(each, (value as readonly unknown[])[i])).join(", ")})`;
    case "record":
      return braces(type.fields.flatMap((field) => {
        const each = (value as Record<string, unknown>)[camelCase(field.name)];
        return field.type.kind === "option" && isNone(each) ? [] : [`${field.name}: ${waveText(field.type, each)}`];
      }));
    case "flags":
      return `{${type.labels.filter((label) => (value as Record<string, boolean>)[camelCase(label)]).join(", ")}}`;
    case "enum":
      return written(value as string);
    case "variant":
      return variantText(type, value as TaggedValue);
    case "option":
      return optionText(type, value);
    case "result":
      return resultText(type, value as TaggedValue);
    case "own":
    case "borrow":
      return `<${type.resource.name}>`;
    case "stream":
    case "future":
    case "error-context":
      return `<${type.kind}>`;
    default:
      return String(value);
  }
}

function braces(items: readonly string[]): string {
  return items.length === 0 ? "{:}" : `{${items.join(", ")}}`;
}

function isNone(value: unknown): boolean {
  return value === undefined || (value as TaggedValue | null)?.tag === "none";
}

function variantText({ cases }: VariantType, { tag, val }: TaggedValue): string {
  const payload = cases.find(({ name }) => name === tag)?.type;
  return payload === undefined ? written(tag) : `${written(tag)}(${waveText(payload, val)})`;
}

function optionText({ some }: OptionType, value: unknown): string {
  if (some.kind !== "option") return value === undefined ? "none" : `some(${waveText(some, value)})`;
  const { tag, val } = value as TaggedValue;
  return tag === "none" ? "none" : `some(${waveText(some, val)})`;
}

function resultText({ ok, error }: ResultType, { tag, val }: TaggedValue): string {
  const payload = tag === "ok" ? ok : error;
  return payload === undefined ? tag : `${tag}(${waveText(payload, val)})`;
}

/** The shortest text that is the same number in its type. */
function floatText(value: number, round: (value: number) => number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0";
  for (let digits = 1; digits < 17; digits++) {
    const text = value.toPrecision(digits);
    if (round(Number(text)) === value) return String(Number(text));
  }
  return String(value);
}

const NAMED: Readonly<Record<string, string>> = { "\t": "\\t", "\n": "\\n", "\r": "\\r", "\\": "\\\\" };

/** Control characters are escaped too, so that a guest's text does not reach a terminal as commands. */
function escaped(text: string, quote: string): string {
  return text.replace(/[\\"'\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (char) => {
    if (char === '"' || char === "'") return char === quote ? `\\${char}` : char;
    return NAMED[char] ?? `\\u{${char.codePointAt(0)!.toString(16)}}`;
  });
}
