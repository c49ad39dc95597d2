import { expect, test } from "vitest";
import { run, WasiExit } from "wasirun";
import * as core from "../../src/runtime/mod.ts";
import { RUNTIME } from "../tools/wasirun.ts";

test("the library under test is the one of this runtime, over its own platform", async () => {
  const { cause } = await run("/there/is/no/such.wasm").catch((error: Error) => error) as Error;
  const deno = (globalThis as { Deno?: { errors: { NotFound: new () => Error } } }).Deno;
  const isOfDeno = deno !== undefined && cause instanceof deno.errors.NotFound && !("syscall" in cause);
  expect({ isOfDeno, hasSyscall: "syscall" in (cause as Error) }).toEqual({
    isOfDeno: RUNTIME === "deno",
    hasSyscall: RUNTIME !== "deno",
  });
});

test("importing the library gives the neutral core no platform", async () => {
  await expect(core.run(new Uint8Array(0))).rejects.toThrow(/without a platform/);
  expect(() => core.runSync(new Uint8Array(0))).toThrow(/without a platform/);
  await expect(core.instantiate(new Uint8Array(0))).rejects.toThrow(/without a platform/);
});

test("and is the source of this repository", () => {
  expect(WasiExit).toBe(core.WasiExit);
});
