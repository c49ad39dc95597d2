/** Types of values, as binaries encode them. */

import type { WasmReader } from "./wasm_reader.ts";

/** What stands before a type of references that names the type it refers to. */
const REF_NULL = 0x63;
const REF = 0x64;

const VALUE_TYPES: Readonly<Record<number, string>> = {
  0x7f: "i32",
  0x7e: "i64",
  0x7d: "f32",
  0x7c: "f64",
  0x7b: "v128",
  0x78: "i8",
  0x77: "i16",
  0x70: "funcref",
  0x6f: "externref",
  0x6e: "anyref",
};

/** What the types of values begin with that have no name here: shorter names of references. */
const FIRST_REF = 0x65;
const LAST_REF = 0x76;

/**
 * Read the type of a value.
 *
 * @returns Its name in the text format; `reference` for references to types of the module.
 * @throws {RangeError} If it is unknown.
 */
export function readValueType(reader: WasmReader): string {
  const code = reader.byte();
  const name = VALUE_TYPES[code];
  if (name !== undefined) return name;
  if (code === REF || code === REF_NULL) {
    reader.signed();
    return "reference";
  }
  if (code >= FIRST_REF && code <= LAST_REF) return "reference";
  throw new RangeError("Cannot read an unknown type of values");
}

/** Pass over the type of a reference. */
export function readReferenceType(reader: WasmReader): void {
  const code = reader.byte();
  if (code === REF || code === REF_NULL) reader.signed();
}
