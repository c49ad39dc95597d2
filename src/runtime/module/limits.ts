/** Memories and tables, as binaries declare them. */

import { readReferenceType } from "./value_types.ts";
import type { WasmReader } from "./wasm_reader.ts";

/** A memory or a table. */
export interface Limits {
  /** Size when the module starts: bytes of a memory, elements of a table. */
  readonly min: number;
  /** True if its addresses have 64 bits. */
  readonly is64: boolean;
}

const LimitFlag = { MAX: 1, IS_64: 4, PAGE_SIZE: 8 } as const;

const PAGE_BYTES = 65536;

/** Read how large something is. */
export function readLimits(reader: WasmReader): Limits & { readonly flags: number } {
  const flags = reader.byte();
  const is64 = (flags & LimitFlag.IS_64) !== 0;
  const min = reader.u64();
  if ((flags & LimitFlag.MAX) !== 0) reader.u64();
  return { flags, min, is64 };
}

/** Read a memory. */
export function readMemory(reader: WasmReader): Limits {
  const { flags, min, is64 } = readLimits(reader);
  const pageBytes = (flags & LimitFlag.PAGE_SIZE) === 0 ? PAGE_BYTES : 2 ** reader.u32();
  return { min: min * pageBytes, is64 };
}

/** Read a table, which may have an expression for the initial value of its elements. */
export function readTable(reader: WasmReader): Limits {
  const hasInitial = reader.peek() === 0x40;
  if (hasInitial) reader.skip(2);
  readReferenceType(reader);
  const { min, is64 } = readLimits(reader);
  if (hasInitial) skipReference(reader);
  return { min, is64 };
}

/** `ref.null`, `ref.func` or `global.get`, and `end`. */
function skipReference(reader: WasmReader): void {
  switch (reader.byte()) {
    case 0xd0:
      reader.signed();
      break;
    case 0xd2:
    case 0x23:
      reader.u32();
      break;
    default:
      throw new RangeError("Cannot read an unknown expression");
  }
  if (reader.byte() !== 0x0b) throw new RangeError("Cannot read a longer expression");
}
