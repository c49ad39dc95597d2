/**
 * The functions of a Go module, by the table that its runtime prints stack traces with (pclntab). Every module has it,
 * also one that was linked without names (`-ldflags=-s`).
 *
 * The layout is that of Go 1.20 to 1.26, which all begin with the same number.
 */

import type { StepBudget } from "../module/step_budget.ts";
import { isText, type Section, WasmReader } from "../module/wasm_reader.ts";

/** Header of the table: magic number, two bytes of padding, instruction size, pointer size. */
const HEADER = [0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8];

/** Offsets of the fields that locate the parts of the table, and their end. */
const FUNCTION_COUNT = 8;
const NAMES = 32;
const END_OF_NAMES = 40;
const FUNCTIONS = 64;
const END_OF_HEADER = 72;

/**
 * Size of a function's entry: where it begins, and where its description is. The description's second word is the name.
 */
const ENTRY_SIZE = 8;

/** Up to Go 1.25 an entry has the number of the function in its upper half. */
const PC_UNIT = 0x10000;

/**
 * Looks up functions.
 *
 * @param bytes The module.
 * @param data Its data section.
 * @param names Names as in stack traces.
 * @param budget Bounds the time.
 * @returns Function numbers by name, not counting imports, for the names that were found.
 * @throws {RangeError} If the table ends too soon, or has too much in it.
 */
export function functionsInPcTable(
  bytes: Uint8Array,
  data: Section,
  names: readonly string[],
  budget: StepBudget,
): Map<string, number> {
  const found = new Map<string, number>();
  const table = pcTable(bytes, data, budget);
  if (table === undefined) return found;
  const wanted = nameOffsets(table.bytes.subarray(table.u64(NAMES), table.u64(END_OF_NAMES)), names, budget);
  const functions = table.u64(FUNCTIONS);
  const first = table.u32(functions);
  const unit = table.u32(functions + ENTRY_SIZE) - first < PC_UNIT ? 1 : PC_UNIT;
  const end = functions + ENTRY_SIZE * table.u64(FUNCTION_COUNT);
  for (let entry = functions; entry < end && found.size < names.length; entry += ENTRY_SIZE) {
    budget.spend();
    const description = functions + table.u32(entry + 4);
    const name = wanted.get(table.u32(description + 4));
    if (name !== undefined) found.set(name, (table.u32(entry) - first) / unit);
  }
  return found;
}

function nameOffsets(table: Uint8Array, names: readonly string[], budget: StepBudget): Map<number, string> {
  const offsets = new Map<number, string>();
  for (let start = 0; start < table.length && offsets.size < names.length;) {
    budget.spend();
    const next = table.indexOf(0, start);
    const end = next < 0 ? table.length : next;
    const name = names.find((name) => isText(table, start, end, name));
    if (name !== undefined) offsets.set(start, name);
    start = end + 1;
  }
  return offsets;
}

/** Find the table in the data. Go writes up to 100,000 segments to leave out zeroes, so none of them is kept. */
function pcTable(bytes: Uint8Array, data: Section, budget: StepBudget): PcTable | undefined {
  let table: PcTable | undefined;
  const reader = new WasmReader(bytes, data.start, data.end);
  for (let count = reader.u32(); count > 0 && table?.isComplete !== true; count--) {
    budget.spend();
    const isPlain = reader.byte() === 0 && reader.byte() === 0x41;
    const address = reader.signed() >>> 0;
    if (!isPlain || reader.byte() !== 0x0b) throw new RangeError("Cannot read a segment that Go does not write");
    const size = reader.u32();
    const start = reader.at;
    reader.skip(size);
    // The first byte is no zero, so a segment begins with it.
    if (table === undefined && bytes[start] === HEADER[0] && HEADER.every((byte, i) => bytes[start + i] === byte)) {
      table = new PcTable(address, 2 * (data.end - data.start));
    }
    table?.place(address, bytes.subarray(start, reader.at));
  }
  return table;
}

/** The table, as it is in the guest's memory. */
class PcTable {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #view: DataView;
  readonly #address: number;
  #end = 0;

  constructor(address: number, maxSize: number) {
    this.#address = address;
    this.bytes = new Uint8Array(maxSize);
    this.#view = new DataView(this.bytes.buffer);
  }

  place(address: number, bytes: Uint8Array): void {
    const at = address - this.#address;
    if (at < this.#end) throw new RangeError("Cannot read segments in an order that Go does not write");
    this.bytes.set(bytes, at);
    this.#end = at + bytes.length;
  }

  /** True if it is there up to the description of the last function. */
  get isComplete(): boolean {
    if (this.#end < END_OF_HEADER) return false;
    const functions = this.u64(FUNCTIONS);
    const last = functions + ENTRY_SIZE * (this.u64(FUNCTION_COUNT) - 1);
    return last + ENTRY_SIZE <= this.#end && functions + this.u32(last + 4) + ENTRY_SIZE <= this.#end;
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  u64(at: number): number {
    return Number(this.#view.getBigUint64(at, true));
  }
}
