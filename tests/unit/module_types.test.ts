import { describe, expect, test } from "vitest";
import { functionTypeText } from "../../src/runtime/module/type_section.ts";
import { type ModuleTypes, readModuleTypes } from "../../src/runtime/module/types.ts";
import { binary, idleCommand, leb, name } from "../tools/binary.ts";
import { assemble } from "../tools/wat.ts";

const bytes = assemble(
  "imports.wat",
  `(module
    (type (func (param f32)))
    (import "a" "table" (table 1 2 funcref))
    (import "a" "memory" (memory 1 1000))
    (import "a" "global" (global (mut i64)))
    (import "a" "f" (func (param i32 i64 f32 f64) (result i32)))
    (import "b" "f" (func))
    (import "a" "g" (func (param f32)))
    (import "a" "multi" (func (result i32 i64)))
    (import "\\c3\\a4" "\\e6\\97\\a5\\e6\\9c\\ac" (func (param externref) (result funcref)))
    (func (export "run")))`,
);

function importTexts({ imports }: ModuleTypes): (string | undefined)[] | undefined {
  return imports?.map((type) => type && functionTypeText(type));
}

/** A module of these types that imports a function of each of these indexes. */
function importing(types: readonly (readonly number[])[], indexes: readonly number[]): Uint8Array {
  const imports = indexes.map((index) => [...name("m"), ...name("f"), 0, index]);
  return binary([[1, [types.length, ...types.flat()]], [2, [imports.length, ...imports.flat()]]]);
}

describe("the types of imports", () => {
  test("are those of their functions, in their order", () => {
    expect(importTexts(readModuleTypes(bytes))).toEqual([
      undefined,
      undefined,
      undefined,
      "(i32, i64, f32, f64) -> i32",
      "() -> ()",
      "(f32) -> ()",
      "() -> i32, i64",
      "(externref) -> funcref",
    ]);
    expect(importTexts(readModuleTypes(assemble("empty.wat", "(module)")))).toEqual([]);
  });

  test("are found beside groups of types, structures, arrays and references to types", () => {
    const struct = [0x5f, 2, 0x78, 1, 0x63, 0, 0];
    const array = [0x5e, 0x64, 0x6d, 1];
    const group = [0x4e, 2, 0x50, 1, 0, ...struct, 0x4f, 0, ...array];
    const types = [[0x60, 0, 0], group, [0x60, 2, 0x7e, 0x63, 1, 1, 0x6d]];
    expect(importTexts(readModuleTypes(importing(types, [3, 0])))).toEqual([
      "(i64, reference) -> reference",
      "() -> ()",
    ]);
  });

  test("are not told where a type is of an unknown kind, or the binary is cut", () => {
    expect(readModuleTypes(importing([[0x5d, 0]], [0])).imports).toBeUndefined();
    for (let length = 0; length < bytes.length; length++) expect(readModuleTypes(bytes.slice(0, length))).toBeTruthy();
    for (let i = 8; i < bytes.length; i++) {
      const changed = bytes.slice();
      changed[i] = 0xff;
      expect(readModuleTypes(changed)).toBeTruthy();
    }
  });
});

describe("what a module declares", () => {
  test.each<[string, readonly number[][], number | undefined]>([
    ["none", [], 0],
    ["with and without a maximum", [[0x70, 0, 5], [0x6f, 1, 6, 9]], 11],
    ["of 64 bits", [[0x70, 5, ...leb(2 ** 40), ...leb(2 ** 50)]], 2 ** 40],
    ["of references that may not be null, with a first element", [[0x40, 0, 0x64, 0, 0, 7, 0xd2, 0, 0x0b]], 7],
    ["with null as its first element", [[0x40, 0, 0x63, 0, 0, 7, 0xd0, 0, 0x0b]], 7],
    ["with a first element that is not understood", [[0x40, 0, 0x70, 0, 7, 0xfb, 0, 0, 0x0b]], undefined],
  ])("tables: %s", (_, tables, elements) => {
    expect(readModuleTypes(idleCommand({ tables })).tableElements).toBe(elements);
  });

  test.each<[string, readonly number[][], number, boolean]>([
    ["one page", [[0, 1]], 65536, false],
    ["shared, with a maximum", [[3, 2, 4]], 131072, false],
    ["two", [[0, 1], [1, ...leb(65536), ...leb(65536)]], 65536 + 2 ** 32, false],
    ["with pages of one byte", [[8, ...leb(1000), 0]], 1000, false],
    ["of 64 bits", [[4, ...leb(2 ** 32)]], 2 ** 48, true],
    ["of 64 bits, but not the one that is exported", [[0, 1], [4, 1]], 131072, false],
  ])("memories: %s", (_, memories, memoryBytes, hasWideMemory) => {
    expect(readModuleTypes(idleCommand({ memories }))).toMatchObject({ memoryBytes, hasWideMemory });
  });

  test("a memory is counted after those that are imported", () => {
    const imported = [...name("m"), ...name("memory"), 2, 4, 1];
    const module = (exported: number): Uint8Array =>
      binary([[2, [1, ...imported]], [5, [1, 0, 1]], [7, [1, ...name("memory"), 2, exported]]]);
    expect(readModuleTypes(module(0))).toMatchObject({ memoryBytes: 65536, hasWideMemory: true });
    expect(readModuleTypes(module(1))).toMatchObject({ memoryBytes: 65536, hasWideMemory: false });
  });

  test("a list of more items than any engine takes is not read", () => {
    const tables = binary([[4, leb(4_000_000)]]);
    expect(readModuleTypes(tables).tableElements).toBeUndefined();
  });
});
