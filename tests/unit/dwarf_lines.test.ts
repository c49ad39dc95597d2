import { readFileSync } from "node:fs";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { readableFrames } from "../../src/runtime/trap/symbols/frames.ts";
import { findLines } from "../../src/runtime/trap/symbols/dwarf_lines.ts";
import { customSection, sectionsOf } from "../../src/runtime/module/wasm_reader.ts";
import { cDebugGuest } from "../tools/guests.ts";

function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value = Math.floor(value / 0x80);
  } while (value > 0);
  return bytes;
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff);
}

function text(value: string): number[] {
  return [...new TextEncoder().encode(value), 0];
}

/** Standard opcodes have as many operands as DWARF says; special ones advance the line by -5 to 8. */
const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const HEADER = [1, 1, 0xfb, 14, 13, ...OPERANDS];
const END = [0, 1, 1];
const COPY = 1;

function setAddress(address: number): number[] {
  return [0, 5, 2, ...u32(address)];
}

/** A program of DWARF 4 with the files `a.c` and `/src/sub/b.c`. */
function program4(...instructions: readonly number[]): number[] {
  const tables = [...text("/src/sub"), 0, ...text("a.c"), 0, 0, 0, ...text("b.c"), 1, 0, 0, 0];
  const after = [1, ...HEADER, ...tables];
  return sized([4, 0, ...u32(after.length), ...after, ...instructions]);
}

function sized(content: readonly number[]): number[] {
  return [...u32(content.length), ...content];
}

/** Sequence at 100: line 7 of a file, line 8 from 110 on, up to 120. */
function sequence(file: number, address = 100): number[] {
  return [...setAddress(address), 4, file, 3, 6, COPY, 2, 10, 3, 1, 5, 9, COPY, 2, 10, ...END];
}

function lines(bytes: readonly number[], ...addresses: readonly number[]): Record<number, string> {
  const found = findLines({ lines: Uint8Array.from(bytes) }, addresses);
  return Object.fromEntries([...found].map(([at, { file, line, column }]) => [at, `${file}:${line}:${column}`]));
}

describe("line number programs", () => {
  test("of DWARF 4 tell file, line and column up to the end of a sequence", () => {
    expect(lines(program4(...sequence(2)), 99, 100, 109, 110, 119, 120)).toEqual({
      100: "/src/sub/b.c:7:0",
      109: "/src/sub/b.c:7:0",
      110: "/src/sub/b.c:8:9",
      119: "/src/sub/b.c:8:9",
    });
    expect(lines(program4(...sequence(1)), 100)).toEqual({ 100: "a.c:7:0" });
  });

  test("may follow one another, with sequences in any order", () => {
    const all = [...program4(...sequence(2, 500), ...sequence(1, 300)), ...program4(...sequence(2, 100))];
    expect(lines(all, 505, 305, 105)).toEqual({ 105: "/src/sub/b.c:7:0", 305: "a.c:7:0", 505: "/src/sub/b.c:7:0" });
  });

  test("know special opcodes, and pass over what they do not know", () => {
    const special = (addressAdvance: number, lineAdvance: number): number => 13 + addressAdvance * 14 + lineAdvance + 5;
    const instructions = [
      ...setAddress(50),
      ...[0, 3, 0x80, 1, 2],
      ...[0, 2, 4, 7],
      12,
      ...leb(300),
      special(0, 4),
      special(3, -2),
      8,
      special(0, 1),
      9,
      2,
      0,
      ...END,
    ];
    expect(lines(program4(...instructions), 50, 52, 53, 69, 70, 71, 72)).toEqual({
      50: "a.c:5:0",
      52: "a.c:5:0",
      53: "a.c:3:0",
      69: "a.c:3:0",
      70: "a.c:4:0",
      71: "a.c:4:0",
    });
  });

  test("leave out functions that the linker left out, and lines 0", () => {
    expect(lines(program4(...sequence(1, 0)), 5)).toEqual({});
    expect(lines(program4(...setAddress(10), 3, 0x7f, COPY, 2, 5, ...END), 12)).toEqual({});
    // One that is there has the address for itself.
    expect(lines(program4(...sequence(1, 0), ...sequence(2, 4)), 5)).toEqual({ 5: "/src/sub/b.c:7:0" });
  });

  test("of unknown versions, without files, or with an impossible header, are passed over", () => {
    const good = program4(...sequence(1));
    const unknown = sized([9, 0, 1, 2, 3]);
    const noRange = program4(...sequence(1));
    noRange[noRange.indexOf(14)] = 0;
    expect(lines([...unknown, ...noRange, ...good], 100)).toEqual({ 100: "a.c:7:0" });
    expect(lines(program4(...sequence(77)), 100)).toEqual({});
    expect(lines(sized([5, 0, 4, 0, ...u32(HEADER.length + 5), 1, ...HEADER, 0, ...leb(2 ** 34), ...sequence(0)]), 100))
      .toEqual({});
  });

  test("with more directories and files than any program has, have no names", () => {
    const program = (count: number): Uint8Array => {
      const before = [1, ...HEADER];
      const after = [0, ...text("a.c"), 1, 0, 0, 0];
      const length = before.length + 2 * count + after.length;
      const head = [4, 0, ...u32(length), ...before];
      const bytes = new Uint8Array(4 + 6 + length + sequence(1).length);
      bytes.set([...u32(bytes.length - 4), ...head]);
      for (let i = 0; i < count; i++) bytes[4 + head.length + 2 * i] = 0x64;
      bytes.set([...after, ...sequence(1)], 4 + head.length + 2 * count);
      return bytes;
    };
    const named = (count: number): number => findLines({ lines: program(count) }, [100, 110]).size;
    expect(named(100_000)).toBe(2);
    expect(named(1_100_000)).toBe(0);
  });

  test("take no unbounded time", () => {
    const cover = [...setAddress(1), COPY, 2, ...leb(1_000_000), COPY];
    const head = program4(...cover);
    const count = 100_000;
    const many = new Uint8Array(head.length + cover.length * count);
    many.set(head);
    many.set(u32(many.length - 4));
    for (let i = 0; i < count; i++) many.set(cover, head.length + cover.length * i);
    const addresses = Array.from({ length: 200 }, (_, i) => 1 + i);
    const started = performance.now();
    findLines({ lines: many }, addresses);
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});

describe.each([4, 5] as const)("lines of C in DWARF %i", (version) => {
  let module: Uint8Array;
  beforeAll(async () => {
    module = new Uint8Array(readFileSync(await cDebugGuest("trap_lines", version)));
  });

  test("are those of the version", () => {
    expect(customSection(module, sectionsOf(module), ".debug_line")?.[4]).toBeLessThanOrEqual(version);
    const own = programs(module).find((bytes) => new TextDecoder().decode(bytes).includes("trap_lines.c"));
    if (version === 4) expect(own?.[4]).toBe(4);
    else expect(customSection(module, sectionsOf(module), ".debug_line_str")).toBeDefined();
  });

  test("are read, or not, whatever bytes are wrong", () => {
    const lines = customSection(module, sectionsOf(module), ".debug_line")!;
    const addresses = Array.from({ length: 100 }, (_, i) => 20 * i);
    expect(findLines({ lines }, addresses).size).toBeGreaterThan(version === 4 ? 10 : 0);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(lines.length - 1), fc.nat(255)), { maxLength: 20 }), (changes) => {
        const changed = lines.slice();
        for (const [at, value] of changes) changed[at] = value;
        expect(findLines({ lines: changed }, addresses)).toBeInstanceOf(Map);
      }),
      { numRuns: 100 },
    );
    for (let length = 0; length < Math.min(lines.length, 600); length++) {
      expect(findLines({ lines: lines.subarray(0, length) }, addresses)).toBeInstanceOf(Map);
    }
  });
});

/** The programs of `.debug_line`. */
function programs(module: Uint8Array): Uint8Array[] {
  const lines = customSection(module, sectionsOf(module), ".debug_line")!;
  const view = new DataView(lines.buffer, lines.byteOffset, lines.byteLength);
  const found: Uint8Array[] = [];
  for (let at = 0; at < lines.length;) {
    const end = at + 4 + view.getUint32(at, true);
    found.push(lines.subarray(at, end));
    at = end;
  }
  return found;
}

test("frames of modules that can't be read, or have no lines, have their names demangled all the same", () => {
  const frames = ["_RNvC1a1b (0x20)", "main (0x30)", "_RNvC1a1c", "wasm-function[7] (0x7)"];
  const readable = ["a::b (0x20)", "main (0x30)", "a::c", "wasm-function[7] (0x7)"];
  const empty = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  for (const bytes of [undefined, [], empty, [...empty, 0, 99], [...empty, 0, 1, 99], [...empty, 0, 0]]) {
    expect(readableFrames(frames, bytes === undefined ? bytes : Uint8Array.from(bytes))).toEqual(readable);
  }
});
