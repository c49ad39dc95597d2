/**
 * What the compiler thinks of the library's types: this file is compiled by the type-check of the repository, where
 * each line that says `expectType` or carries an expected error is the test. At run time it only shows that the values
 * are what the types say.
 */

import { describe, expect, test } from "vitest";
import { type Captured, type Guest, type ModuleSource, run, type RunOptions, type RunResult, runSync } from "wasirun";
import type { VirtualConnection } from "wasirun/memory";
import type { App } from "wasirun/serve";
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

  test("of options that are known only at run time may have an output", async () => {
    const options: RunOptions = { stdout: "text" };
    const result = await run(EMPTY, options);
    expectType<string | Uint8Array | undefined, typeof result.stdout>(true);
    expectType<string | Uint8Array | undefined, typeof result.stderr>(true);
    expect(result.stdout).toBe("");
    expect(result.stderr).toBeUndefined();

    const sink: "text" | "null" = EMPTY.length > 0 ? "text" : "null";
    const either = runSync(EMPTY, { stdout: sink as "text" | "null" });
    expectType<string | undefined, typeof either.stdout>(true);
    expect(either.stdout).toBe("");

    const captured = await run(EMPTY, { stdout: sink as "text" | "bytes" });
    expectType<string | Uint8Array, typeof captured.stdout>(true);
    expect(captured.stdout).toBe("");
  });
});

describe("web streams keep the type of their chunks", () => {
  test("in what the library takes", () => {
    const bytes: RunOptions = { stdin: new ReadableStream<Uint8Array>(), stdout: new WritableStream<Uint8Array>() };
    // @ts-expect-error: the guest reads bytes.
    const strings: RunOptions = { stdin: new ReadableStream<string>() };
    // @ts-expect-error: the guest writes bytes.
    const texts: RunOptions = { stdout: new WritableStream<string>() };
    expect([bytes, strings, texts]).toHaveLength(3);
  });

  test("in what it makes", () => {
    expectType<ReadableStream<Uint8Array>, VirtualConnection["readable"]>(true);
    expectType<WritableStream<Uint8Array>, VirtualConnection["writable"]>(true);
  });
});

test("types of the web and of WebAssembly are the real ones where the program has them", () => {
  expectType<Promise<Response>, ReturnType<App["fetch"]>>(true);
  expectType<Request, Parameters<App["fetch"]>[0]>(true);
  expectType<WebAssembly.Memory, Guest["memory"]>(true);
  expectType<WebAssembly.Exports, Guest["exports"]>(true);
  expectType<AbortSignal | undefined, RunOptions["signal"]>(true);
  expectType<URL, Extract<ModuleSource, URL>>(true);
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
