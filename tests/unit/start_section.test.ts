import { describe, expect, test } from "vitest";
import { withStartExported } from "../../src/runtime/module/start_section.ts";
import { binary, leb, name } from "../tools/binary.ts";

const NULLARY = [0x60, 0, 0];

/** A module that imports a function of type 0, has one of type 1, and starts one of the two. */
function starting(index: number, types: readonly (readonly number[])[]): Uint8Array<ArrayBuffer> {
  return binary([
    [1, [types.length, ...types.flat()]],
    [2, [1, ...name("m"), ...name("f"), 0, 0]],
    [3, [1, 1]],
    [7, [1, ...name("own"), 0, 1]],
    [8, [index]],
    [10, [1, 3, 0, 0, 0x0b]],
  ]);
}

describe("a start section", () => {
  test.each([0, 1])("becomes an export of an imported function and of an own one: %i", (index) => {
    const { bytes, startFunction } = withStartExported(starting(index, [NULLARY, NULLARY]));
    const module = new WebAssembly.Module(bytes);
    expect(WebAssembly.Module.exports(module).map((entry) => entry.name)).toEqual(["own", startFunction]);
  });

  test.each([
    ["an imported function with a parameter", 0, [[0x60, 1, 0x7f, 0], NULLARY]],
    ["a function with a parameter", 1, [NULLARY, [0x60, 1, 0x7f, 0]]],
    ["a function with a result", 1, [NULLARY, [0x60, 0, 1, 0x7f]]],
  ])("of %s stays for the engine to refuse", (_what, index, types) => {
    const module = starting(index, types);
    expect(withStartExported(module)).toEqual({ bytes: module, startFunction: undefined });
  });

  test("of a module with types that are not known becomes an export all the same", () => {
    const module = starting(1, [[0x60, 1, 0x40, 0], NULLARY]);
    expect(withStartExported(module).startFunction).toBe("wasirun:start");
  });

  test("has a name that no other export has", () => {
    const names = ["wasirun:start", "wasirun:start__", "wasirun:started", "wasirun:start_"];
    const exports = names.flatMap((text) => [...name(text), 0, 0]);
    const module = binary([
      [1, [1, ...NULLARY]],
      [3, [1, 0]],
      [7, [names.length, ...exports]],
      [8, [0]],
      [10, [1, 2, 0, 0x0b]],
    ]);
    const { bytes, startFunction } = withStartExported(module);
    expect(startFunction).toBe("wasirun:start___");
    expect(new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports).toHaveProperty("wasirun:start___");
  });

  test("takes no time for millions of exports", () => {
    const count = 4_000_000;
    const entry = [...name("abc"), 0, 0];
    const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 7, ...leb(4 + entry.length * count), ...leb(count)];
    const module = new Uint8Array(head.length + entry.length * count + 3);
    module.set(head);
    for (let i = 0; i < count; i++) module.set(entry, head.length + entry.length * i);
    module.set([8, 1, 0], module.length - 3);
    const started = performance.now();
    expect(withStartExported(module).startFunction).toBe("wasirun:start");
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});
