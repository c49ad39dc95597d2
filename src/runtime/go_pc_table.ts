/**
 * The functions of a Go module, by the table that its runtime prints stack traces with (pclntab). Every module has it,
 * also one that was linked without names (`-ldflags=-s`).
 *
 * The layout is that of Go 1.20 to 1.26, which all begin with the same number.
 */

import { isText, type Section, WasmReader } from "./wasm_reader.ts";

/** What the table begins with: its number, two bytes of padding, the size of an instruction and that of a pointer. */
const HEADER = [0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8];

/** Offsets in the header. */
const FUNCTION_COUNT = 8;
const NAMES = 32;
const END_OF_NAMES = 40;
const FUNCTIONS = 64;

/** Size of an entry: where the function begins, and where its description is. */
const ENTRY_SIZE = 8;

/** Up to Go 1.25 an entry has the function's number in its upper half. */
const PC_UNIT = 0x10000;

/** No table is larger. */
const MAX_IMAGE = 64 * 1024 * 1024;

/**
 * Look up functions.
 *
 * @param bytes The module.
 * @param data Its data section.
 * @param names Names as stack traces have them.
 * @returns What was found: the names with the number of the function, where imports are not counted.
 * @throws {RangeError} If the table ends too soon.
 */
export function functionsInPcTable(bytes: Uint8Array, data: Section, names: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  const image = tableImage(bytes, data);
  if (image === undefined) return found;
  const view = new DataView(image.buffer);
  const u64 = (at: number): number => Number(view.getBigUint64(at, true));
  const wanted = nameOffsets(image.subarray(u64(NAMES), u64(END_OF_NAMES)), names);
  const functions = u64(FUNCTIONS);
  const unit = view.getUint32(functions + ENTRY_SIZE, true) < PC_UNIT ? 1 : PC_UNIT;
  for (let left = u64(FUNCTION_COUNT), at = functions; left > 0; left--, at += ENTRY_SIZE) {
    const description = functions + view.getUint32(at + 4, true);
    const name = wanted.get(view.getUint32(description + 4, true));
    if (name !== undefined) found.set(name, view.getUint32(at, true) / unit);
  }
  return found;
}

function nameOffsets(table: Uint8Array, names: readonly string[]): Map<number, string> {
  const offsets = new Map<number, string>();
  for (let start = 0; start < table.length;) {
    const next = table.indexOf(0, start);
    const end = next < 0 ? table.length : next;
    const name = names.find((name) => isText(table, start, end, name));
    if (name !== undefined) offsets.set(start, name);
    start = end + 1;
  }
  return offsets;
}

interface Segment {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** The memory from the table on, as it is when the guest starts: the linker leaves zeroes out of the data. */
function tableImage(bytes: Uint8Array, data: Section): Uint8Array<ArrayBuffer> | undefined {
  const segments = segmentsFromTable(bytes, data);
  const first = segments[0];
  if (first === undefined) return undefined;
  let size = 0;
  const placed: Segment[] = [];
  for (const segment of segments) {
    const address = segment.address - first.address;
    if (address < size || address + segment.bytes.length > MAX_IMAGE) break;
    placed.push({ address, bytes: segment.bytes });
    size = address + segment.bytes.length;
  }
  const image = new Uint8Array(size);
  for (const segment of placed) image.set(segment.bytes, segment.address);
  return image;
}

/** The table's first byte is no zero, so it begins a segment. */
function segmentsFromTable(bytes: Uint8Array, data: Section): Segment[] {
  const segments: Segment[] = [];
  const reader = new WasmReader(bytes, data.start, data.end);
  for (let count = reader.u32(); count > 0; count--) {
    const isPlain = reader.u32() === 0 && reader.byte() === 0x41;
    const address = reader.signed() >>> 0;
    if (!isPlain || reader.byte() !== 0x0b) throw new RangeError("Cannot read a segment that Go does not write");
    const content = reader.vector();
    if (segments.length > 0 || HEADER.every((byte, i) => content[i] === byte)) {
      segments.push({ address, bytes: content });
    }
  }
  return segments;
}
