/** The type section of a binary. */

import { readList } from "./read_list.ts";
import { readValueType } from "./value_types.ts";
import type { WasmReader } from "./wasm_reader.ts";

/** The type of a function, by the names of the text format. */
export interface FunctionType {
  /** Types of the parameters. */
  readonly params: readonly string[];
  /** Types of the results. */
  readonly results: readonly string[];
}

/** @returns `(i32, i64) -> i32`. */
export function functionTypeText({ params, results }: FunctionType): string {
  return `(${params.join(", ")}) -> ${results.join(", ") || "()"}`;
}

const ARRAY = 0x5e;
const STRUCT = 0x5f;
const FUNCTION = 0x60;
const SUB = 0x50;
const SUB_FINAL = 0x4f;
const RECURSIVE = 0x4e;

/**
 * Read the types of functions.
 *
 * @param indexes Indexes of the types; undefined stays undefined.
 * @param reader Reads the section.
 * @throws {RangeError} If it has something unknown.
 */
export function readFunctionTypes(
  indexes: readonly (number | undefined)[],
  reader: WasmReader,
): (FunctionType | undefined)[] {
  const wanted = new Set(indexes);
  const last = indexes.reduce<number>((most, index) => Math.max(most, index ?? -1), -1);
  const types: (FunctionType | undefined)[] = [];
  if (last >= 0) reader.u32();
  while (types.length <= last) {
    const isGroup = reader.peek() === RECURSIVE;
    if (isGroup) reader.byte();
    for (let count = isGroup ? reader.u32() : 1; count > 0; count--) {
      types.push(readSubtype(reader, wanted.has(types.length)));
    }
  }
  return indexes.map((index) => index === undefined ? undefined : types[index]);
}

/** @returns The type, if it is one of functions and is wanted. */
function readSubtype(reader: WasmReader, isWanted: boolean): FunctionType | undefined {
  let form = reader.byte();
  if (form === SUB || form === SUB_FINAL) {
    for (let count = reader.u32(); count > 0; count--) reader.u32();
    form = reader.byte();
  }
  switch (form) {
    case FUNCTION:
      if (isWanted) return { params: readList(reader, readValueType), results: readList(reader, readValueType) };
      skipValueTypes(reader);
      return void skipValueTypes(reader);
    case STRUCT:
      for (let count = reader.u32(); count > 0; count--) skipField(reader);
      return undefined;
    case ARRAY:
      return void skipField(reader);
    default:
      throw new RangeError("Cannot read an unknown type");
  }
}

function skipValueTypes(reader: WasmReader): void {
  for (let count = reader.u32(); count > 0; count--) readValueType(reader);
}

function skipField(reader: WasmReader): void {
  readValueType(reader);
  reader.byte();
}
