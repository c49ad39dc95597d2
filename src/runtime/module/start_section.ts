/**
 * The start section of a module: the engine runs its function before JavaScript can have the guest's memory. As an
 * export it is called right after that, which the guest can't detect, and imports may wait in it.
 */

import { functionTypeAt } from "./types.ts";
import { isText, type Section, sectionsOf, WasmReader } from "./wasm_reader.ts";

const EXPORT_SECTION = 7;
const START_SECTION = 8;

/** Name of the export; underscores are appended until it is unique. */
const EXPORT_NAME = "wasirun:start";

/** A module without a start section. */
export interface StartExported {
  /** The bytes: the same ones, if there was no start section. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The export that is its start function; undefined if it had none. */
  readonly startFunction: string | undefined;
}

/** Turns the start section of a module into an export. An invalid module is unchanged: the engine reports it. */
export function withStartExported(bytes: Uint8Array<ArrayBuffer>): StartExported {
  try {
    const sections = sectionsOf(bytes);
    const start = sections.find(({ id }) => id === START_SECTION);
    const exports = sections.find(({ id }) => id === EXPORT_SECTION);
    if (start !== undefined && exports !== undefined && mayStart(bytes, sections, start)) {
      return exported(bytes, exports, start);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return { bytes, startFunction: undefined };
}

/** False for a function that an engine refuses to start: as an export it would be taken. */
function mayStart(bytes: Uint8Array, sections: readonly Section[], { start, end }: Section): boolean {
  const type = functionTypeAt(bytes, sections, new WasmReader(bytes, start, end).u32());
  return type === undefined || (type.params.length === 0 && type.results.length === 0);
}

/** Replace the two sections, which have none but each other between them: the engine checks their order. */
function exported(bytes: Uint8Array<ArrayBuffer>, exports: Section, start: Section): StartExported {
  const index = bytes.subarray(start.start, start.end);
  new WasmReader(index).u32();
  const reader = new WasmReader(bytes, exports.start, exports.end);
  const count = reader.u32();
  const entries = bytes.subarray(reader.at, exports.end);
  const name = unusedName(bytes, reader, count);
  const content = joined([leb(count + 1), entries, leb(name.length), new TextEncoder().encode(name), [0], index]);
  const parts = [
    bytes.subarray(0, exports.sizeAt),
    leb(content.length),
    content,
    bytes.subarray(exports.end, start.sizeAt - 1),
    bytes.subarray(start.end),
  ];
  return { bytes: joined(parts), startFunction: name };
}

/** Only names that might be the same are looked at: a module may have millions of others. */
function unusedName(bytes: Uint8Array, reader: WasmReader, count: number): string {
  const underscores = new Set<number>();
  for (; count > 0; count--) {
    const length = reader.u32();
    const start = reader.at;
    reader.skip(length);
    const isAlike = length >= EXPORT_NAME.length && isText(bytes, start, start + EXPORT_NAME.length, EXPORT_NAME);
    if (isAlike) underscores.add(length - EXPORT_NAME.length);
    reader.byte();
    reader.u32();
  }
  let unused = 0;
  while (underscores.has(unused)) unused++;
  return EXPORT_NAME + "_".repeat(unused);
}

/** An unsigned number as LEB128. */
function leb(value: number): number[] {
  const bytes: number[] = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}

function joined(parts: readonly (Uint8Array | readonly number[])[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
