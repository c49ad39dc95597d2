/** The functions of a Go module, by their names. */

import { functionsInPcTable } from "./pc_table.ts";
import type { StepBudget } from "../module/step_budget.ts";
import { type Section, WasmReader } from "../module/wasm_reader.ts";

/**
 * Looks up functions.
 *
 * @param bytes The module.
 * @param sections Its sections.
 * @param importCount How many functions it imports.
 * @param names Names as in stack traces.
 * @param budget Bounds the time.
 * @returns Function numbers by name, not counting imports, for the names that were found.
 * @throws {RangeError} If the data is truncated or the budget is exhausted.
 */
export function goFunctions(
  bytes: Uint8Array,
  sections: readonly Section[],
  importCount: number,
  names: readonly string[],
  budget: StepBudget,
): Map<string, number> {
  for (const section of sections) {
    if (section.id !== 0) continue;
    const reader = new WasmReader(bytes, section.start, section.end);
    if (reader.oneOf(["name"]) !== undefined) return functionsInNames(reader, importCount, names, budget);
  }
  const data = sections.find(({ id }) => id === 11);
  return data === undefined ? new Map() : functionsInPcTable(bytes, data, names, budget);
}

/** Go writes the names of functions and no others. */
function functionsInNames(
  reader: WasmReader,
  importCount: number,
  names: readonly string[],
  budget: StepBudget,
): Map<string, number> {
  const found = new Map<string, number>();
  const written = names.map((name) => name.replace(/[^\w.]/g, "_"));
  if (reader.byte() !== 1) return found;
  reader.u32();
  for (let count = reader.u32(); count > 0 && found.size < names.length; count--) {
    budget.spend();
    const index = reader.u32();
    const i = written.indexOf(reader.oneOf(written) ?? "");
    if (i >= 0) found.set(names[i] as string, index - importCount);
  }
  return found;
}
