/** The functions of a Go module, by their names. */

import { functionsInPcTable } from "./go_pc_table.ts";
import { type Section, WasmReader } from "./wasm_reader.ts";

/**
 * Look up functions.
 *
 * @param bytes The module.
 * @param sections Its sections.
 * @param importCount How many functions it imports.
 * @param names Names as stack traces have them.
 * @returns What was found: the names with the number of the function, where imports are not counted.
 * @throws {RangeError} If something ends too soon.
 */
export function goFunctions(
  bytes: Uint8Array,
  sections: readonly Section[],
  importCount: number,
  names: readonly string[],
): Map<string, number> {
  for (const section of sections) {
    if (section.id !== 0) continue;
    const reader = new WasmReader(bytes, section.start, section.end);
    if (reader.oneOf(["name"]) !== undefined) return functionsInNames(reader, importCount, names);
  }
  const data = sections.find(({ id }) => id === 11);
  return data === undefined ? new Map() : functionsInPcTable(bytes, data, names);
}

/** Go writes the names of functions and no others. */
function functionsInNames(reader: WasmReader, importCount: number, names: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  const written = names.map((name) => name.replace(/[^\w.]/g, "_"));
  if (reader.byte() !== 1) return found;
  reader.u32();
  for (let count = reader.u32(); count > 0 && found.size < names.length; count--) {
    const index = reader.u32();
    const i = written.indexOf(reader.oneOf(written) ?? "");
    if (i >= 0) found.set(names[i] as string, index - importCount);
  }
  return found;
}
