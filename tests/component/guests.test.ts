/** The guests of the other tests are components, and those that need nothing run on another host too. */

import { readFile } from "node:fs/promises";
import { describe, expect, test } from "vitest";
import {
  allComponents,
  assembleComponent,
  cComponent,
  goComponent,
  watComponent,
  witComponent,
} from "../tools/component_guests.ts";
import { WASMTIME, wasmtimeRun } from "../tools/wasmtime.ts";

/** Magic number, version 13, layer 1. */
const HEADER = [0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0];

async function header(path: string): Promise<number[]> {
  return [...(await readFile(path)).subarray(0, 8)];
}

describe("guests that are components", () => {
  test("all are built from their sources", async () => {
    const guests = await allComponents();
    expect(guests.size).toBeGreaterThan(5);
    for (const build of guests.values()) expect(await header(await build())).toEqual(HEADER);
  });

  test("modules of preview 1 get the standard adapter", async () => {
    expect(await header(await cComponent("cat"))).toEqual(HEADER);
    expect(await header(await goComponent("hello"))).toEqual(HEADER);
    expect(await header(await watComponent("fails"))).toEqual(HEADER);
  });

  test("text is assembled", async () => {
    expect([...await assembleComponent("(component)")]).toEqual(HEADER);
    await expect(assembleComponent("(component (nonsense))")).rejects.toThrow(/nonsense|unexpected|expected/);
  });

  test.skipIf(WASMTIME === undefined)(
    "wasmtime runs a component that is built here: WASIRUN_WASMTIME names it",
    async () => {
      expect(await wasmtimeRun([await witComponent("hello")])).toBe("hello from a component\n");
    },
  );
});
