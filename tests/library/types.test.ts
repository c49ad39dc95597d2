/**
 * What the compiler thinks of the library's types: this file is compiled by the type-check of the repository, where
 * each line that says `expectType` or carries an expected error is the test. At run time it only shows that the values
 * are what the types say.
 */

import { describe, expect, test } from "vitest";
import { type Captured, run, type RunOptions, type RunResult, runSync } from "wasirun";
import { assemble } from "../tools/wat.ts";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false;

/** Compiles only if both types are the same. */
function expectType<Expected, Actual>(same: Equal<Expected, Actual>): void {
  expect(same).toBe(true);
}

const EMPTY = assemble("empty.wat", '(module (memory (export "memory") 1) (func (export "_start")))');

describe("the result of run", () => {
  test("has text for text, bytes for bytes, and nothing that was not asked for", async () => {
    const both = await run(EMPTY, { stdout: "text", stderr: "bytes" });
    expectType<string, typeof both.stdout>(true);
    expectType<Uint8Array, typeof both.stderr>(true);
    expectType<number, typeof both.exitCode>(true);
    expect(both).toEqual({ exitCode: 0, stdout: "", stderr: new Uint8Array(0) });

    const none = await run(EMPTY, { stdout: "null", stderr: new WritableStream() });
    expectType<false, "stdout" extends keyof typeof none ? true : false>(true);
    expectType<false, "stderr" extends keyof typeof none ? true : false>(true);
    expect(none).toEqual({ exitCode: 0 });

    const plain = await run(EMPTY);
    expectType<number, typeof plain.exitCode>(true);
    expectType<number | undefined, typeof plain.signal>(true);
  });

  test("is the same for runSync", () => {
    const result = runSync(EMPTY, { args: ["a"], stdout: "bytes" });
    expectType<Uint8Array, typeof result.stdout>(true);
    expect(result.stdout).toEqual(new Uint8Array(0));
  });

  test("of options that are known only at run time claims no output", async () => {
    const options: RunOptions = { stdout: "text" };
    const result = await run(EMPTY, options);
    expectType<false, "stdout" extends keyof typeof result ? true : false>(true);
    expect(result).toMatchObject({ exitCode: 0 });
  });
});

test("Captured is there for who wraps run", () => {
  async function quiet<const Options extends RunOptions>(options: Options): Promise<RunResult & Captured<Options>> {
    return await run(EMPTY, options);
  }
  const result = quiet({ stdout: "text" });
  expectType<string, Awaited<typeof result>["stdout"]>(true);
});

test("options are read-only, and frozen ones will do", async () => {
  const options = Object.freeze(
    { args: Object.freeze(["a"]), env: Object.freeze({ A: "b" }), stdout: "text" } as const,
  );
  const { stdout } = await run(EMPTY, options);
  expect(stdout).toBe("");
});
