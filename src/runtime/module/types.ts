/** The types that a binary declares; engines report only names and kinds. */

import { Kind, readImports } from "./import_section.ts";
import { type Limits, readMemory, readTable } from "./limits.ts";
import { readList } from "./read_list.ts";
import { type FunctionType, readFunctionTypes } from "./type_section.ts";
import { type Section, sectionsOf, WasmReader } from "./wasm_reader.ts";

/** Declarations of a binary. A part is undefined if it uses an unknown feature. */
export interface ModuleTypes {
  /** The type of each import, in their order; undefined for what is no function. */
  readonly imports: readonly (FunctionType | undefined)[] | undefined;
  /** Bytes of its own memories when it starts. */
  readonly memoryBytes: number | undefined;
  /** Elements of its own tables when it starts. */
  readonly tableElements: number | undefined;
  /** True if the memory that it exports as `memory` has 64-bit addresses. */
  readonly hasWideMemory: boolean | undefined;
}

const SectionId = { TYPE: 1, IMPORT: 2, FUNCTION: 3, TABLE: 4, MEMORY: 5, EXPORT: 7 } as const;

/**
 * Read what a binary declares.
 *
 * @param bytes The binary, which need not be valid.
 */
export function readModuleTypes(bytes: Uint8Array): ModuleTypes {
  const sections = orUndefined(() => sectionsOf(bytes));
  const readerOf = (id: number): WasmReader => {
    if (sections === undefined) throw new RangeError("Cannot read the sections");
    return sectionReader(bytes, sections, id);
  };
  const imports = orUndefined(() => readImports(readerOf(SectionId.IMPORT)));
  const memories = orUndefined(() => readList(readerOf(SectionId.MEMORY), readMemory));
  const tables = orUndefined(() => readList(readerOf(SectionId.TABLE), readTable));
  return {
    imports: imports && orUndefined(() => readFunctionTypes(imports.functions, readerOf(SectionId.TYPE))),
    memoryBytes: memories && sizeOf(memories),
    tableElements: tables && sizeOf(tables),
    hasWideMemory: imports && memories &&
      orUndefined(() => exportsWide([...imports.memories, ...memories], readerOf(SectionId.EXPORT))),
  };
}

/**
 * The type of a function that a binary imports or has.
 *
 * @param bytes The binary, which need not be valid.
 * @param sections Its sections.
 * @param index The function.
 * @returns Undefined if there is no such function, or its type can't be read.
 */
export function functionTypeAt(
  bytes: Uint8Array,
  sections: readonly Section[],
  index: number,
): FunctionType | undefined {
  return orUndefined(() => {
    const imports = readImports(sectionReader(bytes, sections, SectionId.IMPORT)).functions;
    const imported = imports.filter((type) => type !== undefined);
    const own = sectionReader(bytes, sections, SectionId.FUNCTION);
    if (index >= imported.length) own.u32();
    for (let left = index - imported.length; left > 0; left--) own.u32();
    const type = imported[index] ?? own.u32();
    return readFunctionTypes([type], sectionReader(bytes, sections, SectionId.TYPE))[0];
  });
}

/** Reads a section; an empty one in place of one that is not there. */
function sectionReader(bytes: Uint8Array, sections: readonly Section[], id: number): WasmReader {
  const section = sections.find((section) => section.id === id);
  return new WasmReader(bytes, section?.start ?? 0, section?.end ?? 0);
}

function sizeOf(all: readonly Limits[]): number {
  return all.reduce((sum, { min }) => sum + min, 0);
}

/** Most modules have no such memory: then their exports need not be looked at. */
function exportsWide(memories: readonly Limits[], exports: WasmReader): boolean {
  if (!memories.some(({ is64 }) => is64)) return false;
  const index = findMemory(exports);
  return index !== undefined && memories[index]?.is64 === true;
}

function orUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    // The engine reports what is wrong with a binary, and may support more than this reader.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

const MEMORY_NAMES: readonly string[] = ["memory"];

function findMemory(reader: WasmReader): number | undefined {
  if (reader.isAtEnd) return undefined;
  for (let count = reader.u32(); count > 0; count--) {
    const isNamed = reader.oneOf(MEMORY_NAMES) !== undefined;
    const kind = reader.byte();
    const index = reader.u32();
    if (isNamed) return kind === Kind.MEMORY ? index : undefined;
  }
  return undefined;
}
