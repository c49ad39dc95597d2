/** The import section of a binary. */

import { type Limits, readLimits, readMemory } from "./limits.ts";
import { readList } from "./read_list.ts";
import { readReferenceType, readValueType } from "./value_types.ts";
import type { WasmReader } from "./wasm_reader.ts";

/** Kinds of imports and exports. */
export const Kind = { FUNCTION: 0, TABLE: 1, MEMORY: 2, GLOBAL: 3, TAG: 4 } as const;

/** What a binary imports. */
export interface Imports {
  /** Index of each function's type, and undefined for all else. */
  readonly functions: readonly (number | undefined)[];
  /** Its memories. */
  readonly memories: readonly Limits[];
}

/** Read what a binary imports. @throws {RangeError} If it imports something unknown. */
export function readImports(reader: WasmReader): Imports {
  const memories: Limits[] = [];
  const functions = readList(reader, () => {
    reader.skip(reader.u32());
    reader.skip(reader.u32());
    switch (reader.byte()) {
      case Kind.FUNCTION:
        return reader.u32();
      case Kind.TABLE:
        readReferenceType(reader);
        readLimits(reader);
        return undefined;
      case Kind.MEMORY:
        memories.push(readMemory(reader));
        return undefined;
      case Kind.GLOBAL:
        readValueType(reader);
        reader.byte();
        return undefined;
      case Kind.TAG:
        reader.byte();
        reader.u32();
        return undefined;
      default:
        throw new RangeError("Cannot read an import of an unknown kind");
    }
  });
  return { functions, memories };
}
