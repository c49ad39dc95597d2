/** Vectors of a binary. */

import type { WasmReader } from "./wasm_reader.ts";

/** The longest vector that is read: at least what engines accept. */
const MAX_ITEMS = 1_000_000;

/** Read a vector. A section that is not there counts as an empty one. @throws {RangeError} If it is too long. */
export function readList<T>(reader: WasmReader, read: (reader: WasmReader) => T): T[] {
  const list: T[] = [];
  if (reader.isAtEnd) return list;
  let count = reader.u32();
  if (count > MAX_ITEMS) throw new RangeError("Cannot read so long a list");
  for (; count > 0; count--) list.push(read(reader));
  return list;
}
