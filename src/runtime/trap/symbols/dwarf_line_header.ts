/** Headers of the line number programs of `.debug_line`, DWARF 2 to 5. */

import type { StepBudget } from "../../module/step_budget.ts";
import { DwarfReader } from "./dwarf_reader.ts";

/** Sections that names are in. */
export interface LineSections {
  /** `.debug_line`. */
  readonly lines: Uint8Array;
  /** `.debug_line_str`. */
  readonly lineStrings?: Uint8Array | undefined;
  /** `.debug_str`. */
  readonly strings?: Uint8Array | undefined;
}

/** A line number program. */
export interface LineProgram {
  /** Version of DWARF. */
  readonly version: number;
  /** True if offsets have 8 bytes. */
  readonly isWide: boolean;
  /** Offset of the lists of directories and files. */
  readonly tablesAt: number;
  /** Offset of the first instruction. */
  readonly start: number;
  /** Offset behind the last one. */
  readonly end: number;
  /** What operands of addresses are multiplied by. */
  readonly minInstructionLength: number;
  /** Least advance of the line in a special opcode. */
  readonly lineBase: number;
  /** Number of different ones. */
  readonly lineRange: number;
  /** The first special opcode. */
  readonly opcodeBase: number;
  /** Number of operands of each standard opcode, from 1 on. */
  readonly operands: readonly number[];
}

/** Content types of DW_LNCT. */
const Content = { PATH: 1, DIRECTORY: 2 } as const;

/** Forms of DW_FORM that tables use. */
const Form = {
  BLOCK2: 0x03,
  BLOCK4: 0x04,
  DATA2: 0x05,
  DATA4: 0x06,
  DATA8: 0x07,
  STRING: 0x08,
  BLOCK: 0x09,
  BLOCK1: 0x0a,
  DATA1: 0x0b,
  STRP: 0x0e,
  UDATA: 0x0f,
  DATA16: 0x1e,
  LINE_STRP: 0x1f,
} as const;

/**
 * Read the header at a place.
 *
 * @param lines `.debug_line`.
 * @param reader Stands at the header; afterwards behind the program.
 * @returns Undefined for a version that is not known, or a header that makes no sense.
 * @throws {RangeError} If the section is cut.
 */
export function readHeader(lines: Uint8Array, reader: DwarfReader): LineProgram | undefined {
  const first = reader.u32();
  const isWide = first === 0xffff_ffff;
  const length = isWide ? reader.u64() : first;
  const start = reader.skip(length);
  const end = reader.at;
  const header = new DwarfReader(lines, start, end);
  const version = header.u16();
  if (version < 2 || version > 5) return undefined;
  // Sizes of an address and of a segment selector.
  if (version === 5) header.skip(2);
  const headerLength = header.word(isWide);
  const programAt = header.at + headerLength;
  const minInstructionLength = header.u8();
  // Operations of an instruction, which matter to VLIW machines; and whether rows begin as statements.
  header.skip(version >= 4 ? 2 : 1);
  const lineBase = header.i8();
  const lineRange = header.u8();
  const opcodeBase = header.u8();
  if (lineRange === 0 || opcodeBase === 0 || programAt > end) return undefined;
  const operands = Array.from({ length: opcodeBase - 1 }, () => header.u8());
  const tables = { tablesAt: header.at, start: programAt, end };
  return { version, isWide, ...tables, minInstructionLength, lineBase, lineRange, opcodeBase, operands };
}

/**
 * Name of a file of a program.
 *
 * @param sections Where names are.
 * @param program Its header.
 * @param file Its number.
 * @param budget Bounds the entries of lists that are read.
 * @returns As the compiler wrote it: absolute, or relative to the directory that it ran in; undefined if there is none.
 * @throws {RangeError} If the lists are cut, or the budget is spent.
 */
export function fileName(
  sections: LineSections,
  program: LineProgram,
  file: number,
  budget: StepBudget,
): string | undefined {
  const reader = new DwarfReader(sections.lines, program.tablesAt, program.start);
  return program.version >= 5
    ? fileOfTables(sections, program, reader, file, budget)
    : fileOfLists(reader, file, budget);
}

/** Lists of strings, each ended by an empty one; files count from 1, and directory 0 is where the compiler ran. */
function fileOfLists(reader: DwarfReader, file: number, budget: StepBudget): string | undefined {
  const directories: number[] = [];
  for (let at = reader.at; reader.skipString().length > 0; at = reader.at) {
    budget.spend(1);
    directories.push(at);
  }
  for (let i = 1;; i++) {
    budget.spend(1);
    const at = reader.at;
    if (reader.skipString().length === 0) return undefined;
    const directory = reader.uleb();
    reader.uleb();
    reader.uleb();
    if (i < file) continue;
    reader.at = at;
    const name = reader.string();
    const directoryAt = directories[directory - 1];
    if (directoryAt === undefined) return name;
    reader.at = directoryAt;
    return joined(reader.string(), name);
  }
}

interface Entry {
  readonly path: string;
  readonly directory: number;
}

function fileOfTables(
  sections: LineSections,
  program: LineProgram,
  reader: DwarfReader,
  file: number,
  budget: StepBudget,
): string | undefined {
  const tableAt = reader.at;
  readTable(sections, program, reader, -1, budget);
  const entry = readTable(sections, program, reader, file, budget);
  if (entry === undefined || entry.directory === 0) return entry?.path;
  reader.at = tableAt;
  const directory = readTable(sections, program, reader, entry.directory, budget);
  return directory === undefined ? entry.path : joined(directory.path, entry.path);
}

/** Read a table to its end, or to the entry that is wanted. */
function readTable(
  sections: LineSections,
  { isWide }: LineProgram,
  reader: DwarfReader,
  wanted: number,
  budget: StepBudget,
): Entry | undefined {
  const formats = Array.from({ length: reader.u8() }, () => [reader.uleb(), reader.uleb()] as const);
  const count = reader.uleb();
  if (formats.length === 0 && count > 0) throw new RangeError("Cannot read entries without a format");
  for (let i = 0; i < count; i++) {
    budget.spend(formats.length);
    let path = "";
    let directory = 0;
    for (const [content, form] of formats) {
      if (i === wanted && content === Content.PATH) path = readString(sections, reader, form, isWide) ?? "";
      else if (i === wanted && content === Content.DIRECTORY) directory = readNumber(reader, form, isWide);
      else readNumber(reader, form, isWide);
    }
    if (i === wanted) return path === "" ? undefined : { path, directory };
  }
  return undefined;
}

function readString(
  { lineStrings, strings }: LineSections,
  reader: DwarfReader,
  form: number,
  isWide: boolean,
): string | undefined {
  if (form === Form.STRING) return reader.string();
  const offset = readNumber(reader, form, isWide);
  const section = form === Form.LINE_STRP ? lineStrings : form === Form.STRP ? strings : undefined;
  return section === undefined ? undefined : new DwarfReader(section, offset).string();
}

/** A number, or 0 for what is passed over. */
function readNumber(reader: DwarfReader, form: number, isWide: boolean): number {
  switch (form) {
    case Form.DATA1:
      return reader.u8();
    case Form.DATA2:
      return reader.u16();
    case Form.DATA4:
      return reader.u32();
    case Form.DATA8:
      return reader.u64();
    case Form.UDATA:
      return reader.uleb();
    case Form.STRP:
    case Form.LINE_STRP:
      return reader.word(isWide);
    case Form.STRING:
      reader.skipString();
      return 0;
    default:
      reader.skip(blockLength(reader, form));
      return 0;
  }
}

function blockLength(reader: DwarfReader, form: number): number {
  switch (form) {
    case Form.DATA16:
      return 16;
    case Form.BLOCK:
      return reader.uleb();
    case Form.BLOCK1:
      return reader.u8();
    case Form.BLOCK2:
      return reader.u16();
    case Form.BLOCK4:
      return reader.u32();
    default:
      throw new RangeError("Cannot read an unknown form");
  }
}

function joined(directory: string, file: string): string {
  const isAbsolute = /^(?:[/\\]|[A-Za-z]:)/.test(file);
  return isAbsolute || directory === "" ? file : `${directory.replace(/\/$/, "")}/${file}`;
}
