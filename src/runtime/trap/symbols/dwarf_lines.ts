/** From offsets in the code of a module to lines of its source, by `.debug_line`. */

import { StepBudget } from "../../module/step_budget.ts";
import { fileName, type LineProgram, type LineSections, readHeader } from "./dwarf_line_header.ts";
import { DwarfReader } from "./dwarf_reader.ts";

/** Where an instruction comes from. */
export interface SourceLine {
  /** Name of the file, as the compiler wrote it. */
  readonly file: string;
  /** Line, from 1 on. */
  readonly line: number;
  /** Column, from 1 on; 0 if it is not known. */
  readonly column: number;
}

/** Rows that may be taken for one of the addresses, so that no section takes unbounded time. */
const MAX_MATCHES = 100_000;

/** Entries of lists of directories and files that are read in all: a unit of a large program has some thousands. */
const MAX_ENTRIES = 1_000_000;

/** Standard opcodes. */
const Op = {
  EXTENDED: 0,
  COPY: 1,
  ADVANCE_PC: 2,
  ADVANCE_LINE: 3,
  SET_FILE: 4,
  SET_COLUMN: 5,
  CONST_ADD_PC: 8,
  FIXED_ADVANCE_PC: 9,
} as const;

const Extended = { END_SEQUENCE: 1, SET_ADDRESS: 2 } as const;

interface Match {
  readonly program: LineProgram;
  readonly sequenceStart: number;
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/**
 * Look addresses up. What can't be read is passed over.
 *
 * @param sections The sections of the module.
 * @param addresses Offsets in the content of the code section.
 * @returns Lines by address; one that no line is known of is missing.
 */
export function findLines(sections: LineSections, addresses: Iterable<number>): Map<number, SourceLine> {
  const found = new Map<number, SourceLine>();
  const sorted = [...new Set(addresses)].sort((a, b) => a - b);
  if (sorted.length === 0) return found;
  const search = new LineSearch(sorted);
  const reader = new DwarfReader(sections.lines);
  unlessCut(() => {
    while (!reader.isAtEnd) {
      const program = readHeader(sections.lines, reader);
      if (program !== undefined) unlessCut(() => search.run(sections.lines, program));
    }
  });
  const budget = new StepBudget(MAX_ENTRIES);
  for (const [address, { program, file, line, column }] of search.matches) {
    unlessCut(() => {
      const name = fileName(sections, program, file, budget);
      if (name !== undefined) found.set(address, { file: name, line, column });
    });
  }
  return found;
}

function unlessCut(read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
}

/** Runs line number programs, and keeps the rows that addresses lie in. */
class LineSearch {
  readonly matches: Map<number, Match> = new Map();
  readonly #addresses: readonly number[];
  #left = MAX_MATCHES;

  /** @param addresses At least one, in order. */
  constructor(addresses: readonly number[]) {
    this.#addresses = addresses;
  }

  run(lines: Uint8Array, program: LineProgram): void {
    const reader = new DwarfReader(lines, program.start, program.end);
    while (!reader.isAtEnd && this.#left > 0) new Sequence(program, this).run(reader);
  }

  /** True if an address from `start` on and before `end` is looked up. */
  wants(start: number, end: number): boolean {
    const addresses = this.#addresses;
    return start <= addresses.at(-1)! && end > addresses[0]! && addresses[lowerBound(addresses, start)]! < end;
  }

  /** The addresses from `start` on and before `end` lie in a row. */
  row(start: number, end: number, match: Match): void {
    const addresses = this.#addresses;
    for (let i = lowerBound(addresses, start); i < addresses.length && addresses[i]! < end; i++) {
      if (this.#left-- <= 0) return;
      const address = addresses[i]!;
      const before = this.matches.get(address);
      if (before === undefined || before.sequenceStart <= match.sequenceStart) this.matches.set(address, match);
    }
  }
}

function lowerBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The registers of the line number machine, from their start to the end of a sequence. */
class Sequence {
  readonly #program: LineProgram;
  readonly #search: LineSearch;
  #address = 0;
  #file = 1;
  #line = 1;
  #column = 0;
  /** Address of the first row; -1 before that. */
  #start = -1;
  /** The last row, which lasts until the next address. */
  #rowAt = 0;
  #rowFile = 0;
  #rowLine = 0;
  #rowColumn = 0;

  constructor(program: LineProgram, search: LineSearch) {
    this.#program = program;
    this.#search = search;
  }

  run(reader: DwarfReader): void {
    while (!reader.isAtEnd) {
      const opcode = reader.u8();
      if (opcode >= this.#program.opcodeBase) this.#special(opcode);
      else if (opcode !== Op.EXTENDED) this.#standard(reader, opcode);
      else if (this.#extended(reader)) return;
    }
  }

  #special(opcode: number): void {
    const { opcodeBase, lineBase, lineRange } = this.#program;
    const adjusted = opcode - opcodeBase;
    this.#advance(Math.floor(adjusted / lineRange));
    this.#line += lineBase + adjusted % lineRange;
    this.#row();
  }

  #standard(reader: DwarfReader, opcode: number): void {
    const { opcodeBase, lineRange, operands } = this.#program;
    switch (opcode) {
      case Op.COPY:
        return this.#row();
      case Op.ADVANCE_PC:
        return this.#advance(reader.uleb());
      case Op.ADVANCE_LINE:
        this.#line += reader.sleb();
        return;
      case Op.SET_FILE:
        this.#file = reader.uleb();
        return;
      case Op.SET_COLUMN:
        this.#column = reader.uleb();
        return;
      case Op.CONST_ADD_PC:
        return this.#advance(Math.floor((255 - opcodeBase) / lineRange));
      case Op.FIXED_ADVANCE_PC:
        this.#address += reader.u16();
        return;
      default:
        for (let i = operands[opcode - 1] ?? 0; i > 0; i--) reader.uleb();
    }
  }

  /** @returns True at the end of the sequence. */
  #extended(reader: DwarfReader): boolean {
    const length = reader.uleb();
    if (length === 0) return false;
    const end = reader.at + length;
    const opcode = reader.u8();
    if (opcode === Extended.SET_ADDRESS) this.#address = length >= 9 ? reader.u64() : reader.u32();
    if (opcode === Extended.END_SEQUENCE) this.#end();
    reader.skip(end - reader.at);
    return opcode === Extended.END_SEQUENCE;
  }

  #advance(operations: number): void {
    this.#address += operations * this.#program.minInstructionLength;
  }

  #row(): void {
    this.#end();
    if (this.#start < 0) this.#start = this.#address;
    this.#rowAt = this.#address;
    this.#rowFile = this.#file;
    this.#rowLine = this.#line;
    this.#rowColumn = this.#column;
  }

  /** The last row ends here. Functions that the linker left out begin at 0, where none is; line 0 is no line. */
  #end(): void {
    if (this.#start <= 0 || this.#rowLine <= 0 || this.#address <= this.#rowAt) return;
    if (!this.#search.wants(this.#rowAt, this.#address)) return;
    this.#search.row(this.#rowAt, this.#address, {
      program: this.#program,
      sequenceStart: this.#start,
      file: this.#rowFile,
      line: this.#rowLine,
      column: this.#rowColumn,
    });
  }
}
