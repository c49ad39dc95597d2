/** Values of WAVE, read as values of JavaScript by the conventions of `instantiate`. */

import { camelCase } from "../abi/names.ts";
import { isNumberKind, numberLists } from "../abi/number_lists.ts";
import { valueTypeText } from "../types/text.ts";
import type {
  ListType,
  MapType,
  OptionType,
  RecordType,
  ResultType,
  ValueType,
  VariantType,
} from "../types/value_type.ts";
import type { WaveReader } from "./wave_reader.ts";

/** Labels that are keywords: as the name of a case they have a `%`. */
const KEYWORDS: ReadonlySet<string> = new Set(["true", "false", "inf", "nan", "some", "none", "ok", "err"]);

/**
 * Read a value.
 *
 * @param reader Where it stands.
 * @param type Its type.
 * @throws {WaveError} It is no value of the type.
 */
export function readWave(reader: WaveReader, type: ValueType): unknown {
  switch (type.kind) {
    case "bool":
      return readBool(reader);
    case "char":
      return reader.char();
    case "string":
      return reader.string();
    case "f32":
    case "f64":
      return floatOf(reader.number("a number"));
    case "list":
      return readList(reader, type);
    case "map":
      return readMap(reader, type);
    case "tuple":
      return readTuple(reader, type.types);
    case "record":
      return readRecord(reader, type);
    case "flags":
      return readFlags(reader, type.labels);
    case "enum":
      return caseLabel(reader, type.labels);
    case "variant":
      return readVariant(reader, type);
    case "option":
      return readOption(reader, type);
    case "result":
      return readResult(reader, type);
    case "own":
    case "borrow":
    case "stream":
    case "future":
    case "error-context":
      return reader.fail(`a value of the type ${valueTypeText(type)} can't be written`);
    default:
      return readInteger(reader, type.kind);
  }
}

function readBool(reader: WaveReader): boolean {
  const label = reader.label();
  return label === "true" || label === "false" ? label === "true" : reader.fail("expected true or false");
}

/** A number, also `inf` and `nan`. */
export function floatOf(text: string): number {
  if (text === "-inf" || text === "inf") return text === "inf" ? Infinity : -Infinity;
  return text.endsWith("nan") ? NaN : Number(text);
}

function readInteger(reader: WaveReader, kind: string): number | bigint {
  const text = reader.number(`a number of the type ${kind}`);
  const bits = Number(kind.slice(1));
  if (!/^-?\d+$/.test(text)) reader.fail(`${text} is no ${kind}`);
  const value = BigInt(text);
  const wrapped = kind.startsWith("u") ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  if (wrapped !== value) reader.fail(`${text} is out of the range of ${kind}`);
  return bits === 64 ? value : Number(value);
}

function readList(reader: WaveReader, { element, length }: ListType): unknown {
  const values: unknown[] = [];
  reader.items("[", "]", () => values.push(readWave(reader, element)));
  if (length !== undefined && values.length !== length) {
    reader.fail(`expected ${length} elements, found ${values.length}`);
  }
  return isNumberKind(element.kind) && length === undefined ? numberLists(element.kind).from(values) : values;
}

function readMap(reader: WaveReader, { key, value }: MapType): Map<unknown, unknown> {
  const map = new Map<unknown, unknown>();
  readBraces(reader, () => {
    const read = readWave(reader, key);
    reader.expect(":");
    map.set(read, readWave(reader, value));
  });
  return map;
}

/** `{…}`, or `{:}` for one that is empty. */
function readBraces(reader: WaveReader, read: () => void): void {
  let isEmpty = false;
  reader.items("{", "}", () => {
    if (reader.take(":")) isEmpty = true;
    else if (isEmpty) reader.fail("expected }");
    else read();
  });
}

function readTuple(reader: WaveReader, types: readonly ValueType[]): unknown[] {
  const values: unknown[] = [];
  reader.items("(", ")", () => {
    const type = types[values.length] ?? reader.fail(`expected ) after ${types.length} elements`);
    values.push(readWave(reader, type));
  });
  if (values.length < types.length) reader.fail(`expected ${types.length} elements, found ${values.length}`);
  return values;
}

function readRecord(reader: WaveReader, { fields }: RecordType): Record<string, unknown> {
  const values = new Map<string, unknown>();
  readBraces(reader, () => {
    const name = bare(reader.label() ?? reader.fail("expected the name of a field"));
    const field = fields.find((each) => each.name === name) ?? reader.fail(`there is no field ${name}`);
    if (values.has(name)) reader.fail(`the field ${name} is there twice`);
    reader.expect(":");
    values.set(name, readWave(reader, field.type));
  });
  return Object.fromEntries(fields.map(({ name, type }) => {
    if (!values.has(name) && type.kind !== "option") reader.fail(`the field ${name} is missing`);
    return [camelCase(name), values.has(name) ? values.get(name) : noneOf(type as OptionType)];
  }));
}

function readFlags(reader: WaveReader, labels: readonly string[]): Record<string, boolean> {
  const flags: Record<string, boolean> = {};
  reader.items("{", "}", () => {
    const label = bare(reader.label() ?? reader.fail("expected the name of a flag"));
    if (!labels.includes(label)) reader.fail(`there is no flag ${label}: choose of ${labels.join(", ")}`);
    flags[camelCase(label)] = true;
  });
  return flags;
}

function readVariant(reader: WaveReader, type: VariantType): unknown {
  const tag = caseLabel(reader, type.cases.map(({ name }) => name));
  const payload = type.cases.find(({ name }) => name === tag)!.type;
  return payload === undefined ? { tag } : { tag, val: inParentheses(reader, payload) };
}

function readOption(reader: WaveReader, type: OptionType): unknown {
  const start = reader.position;
  const label = reader.label();
  if (label === "none") return noneOf(type);
  let value: unknown;
  if (label === "some") value = inParentheses(reader, type.some);
  else {
    reader.rewind(start);
    value = readWave(reader, type.some);
  }
  return type.some.kind === "option" ? { tag: "some", val: value } : value;
}

/** `none`. */
export function noneOf(type: OptionType): unknown {
  return type.some.kind === "option" ? { tag: "none" } : undefined;
}

function readResult(reader: WaveReader, { ok, error }: ResultType): unknown {
  const start = reader.position;
  const label = reader.label();
  const isError = label === "err";
  const payload = isError ? error : ok;
  const tag = isError ? "err" : "ok";
  if (isError || label === "ok") return payload === undefined ? { tag } : { tag, val: inParentheses(reader, payload) };
  reader.rewind(start);
  return ok === undefined ? reader.fail("expected ok or err") : { tag, val: readWave(reader, ok) };
}

function inParentheses(reader: WaveReader, type: ValueType): unknown {
  reader.expect("(");
  const value = readWave(reader, type);
  reader.expect(")");
  return value;
}

/** The label of a case. One that is a keyword must have a `%`. */
function caseLabel(reader: WaveReader, labels: readonly string[]): string {
  const found = reader.label();
  const label = found === undefined || KEYWORDS.has(found) ? undefined : bare(found);
  if (label !== undefined && labels.includes(label)) return label;
  return reader.fail(`expected one of ${labels.map(written).join(", ")}`);
}

/** A label as it is written for a case. */
export function written(label: string): string {
  return KEYWORDS.has(label) ? `%${label}` : label;
}

function bare(label: string): string {
  return label.replace("%", "");
}
