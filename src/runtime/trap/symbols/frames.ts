/** Frames of a guest's stack as their authors would write them: names of Rust, files and lines of DWARF. */

import { customSection, sectionsOf } from "../../module/wasm_reader.ts";
import type { LineSections } from "./dwarf_line_header.ts";
import { findLines, type SourceLine } from "./dwarf_lines.ts";
import { demangleRust } from "./rust_names.ts";

/** `name (0x1f3)`, as `trap.ts` writes it where the engine reports the offset in the module. */
const WITH_OFFSET = /^(.*) \(0x([0-9a-f]{1,8})\)$/s;

const CODE_SECTION = 10;

/**
 * Demangle names, and add files and lines: `name (/src/main.c:12:5, 0x1f3)`.
 *
 * @param frames Frames of a `TrapError`.
 * @param bytes The module; undefined where it is not known.
 */
export function readableFrames(frames: readonly string[], bytes: Uint8Array | undefined): string[] {
  const lines = bytes === undefined ? new Map<number, SourceLine>() : linesOf(bytes, frames);
  return frames.map((frame) => {
    const offset = offsetOf(frame);
    if (offset === undefined) return demangleRust(frame);
    const name = demangleRust(frame.replace(WITH_OFFSET, "$1"));
    const source = lines.get(offset);
    return `${name} (${source === undefined ? "" : `${place(source)}, `}0x${offset.toString(16)})`;
  });
}

function offsetOf(frame: string): number | undefined {
  const digits = WITH_OFFSET.exec(frame)?.[2];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

function place({ file, line, column }: SourceLine): string {
  return column === 0 ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** DWARF counts from the start of the content of the code section, engines from the start of the module. */
function linesOf(bytes: Uint8Array, frames: readonly string[]): Map<number, SourceLine> {
  const sections = debugSections(bytes);
  const found = new Map<number, SourceLine>();
  if (sections === undefined) return found;
  const { codeAt } = sections;
  const addresses = frames.flatMap((frame) => (offsetOf(frame) ?? 0) > codeAt ? [offsetOf(frame)! - codeAt] : []);
  for (const [address, source] of findLines(sections, addresses)) found.set(address + codeAt, source);
  return found;
}

/** The sections with lines; undefined if the module has none, or can't be read. */
function debugSections(bytes: Uint8Array): LineSections & { readonly codeAt: number } | undefined {
  try {
    const sections = sectionsOf(bytes);
    const codeAt = sections.find(({ id }) => id === CODE_SECTION)?.start;
    const lines = customSection(bytes, sections, ".debug_line");
    if (codeAt === undefined || lines === undefined) return undefined;
    const lineStrings = customSection(bytes, sections, ".debug_line_str");
    return { codeAt, lines, lineStrings, strings: customSection(bytes, sections, ".debug_str") };
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
