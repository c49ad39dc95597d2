import { describe, expect, test } from "vitest";
import { memoryPlatform } from "../../src/platform/memory/mod.ts";
import { ModuleError } from "../../src/runtime/errors.ts";
import { type LoadingModule, loadModuleSync, startLoading, whenCompiled } from "../../src/runtime/module/load.ts";
import type { ModuleSource } from "../../src/runtime/options/options.ts";
import { run } from "../../src/runtime/mod.ts";
import { assemble } from "../tools/wat.ts";

async function loadModule(...args: Parameters<typeof startLoading>): ReturnType<typeof whenCompiled> {
  return await whenCompiled(await startLoading(...args) as LoadingModule);
}

const encoder = new TextEncoder();
const COMMAND = assemble("command.wat", '(module (func (export "_start")) (memory (export "memory") 1))');

const platform = memoryPlatform({
  files: {
    "app.wasm": COMMAND,
    "my app.wasm": COMMAND,
    "empty.wasm": "",
    "text.wat": "(module)",
    directory: {},
  },
});

/** The message of both ways to load, which must be the same. */
async function message(source: ModuleSource): Promise<string> {
  const messages: string[] = [];
  for (const load of [loadModule, loadModuleSync]) {
    try {
      await load(source, platform);
      throw new Error("It was loaded");
    } catch (error) {
      expect(error).toBeInstanceOf(ModuleError);
      messages.push((error as Error).message);
    }
  }
  if (!messages[0]!.startsWith("Cannot compile")) expect(messages[1]).toBe(messages[0]);
  return messages[0]!;
}

describe("a module is loaded from", () => {
  test.each<[string, () => ModuleSource, string, string]>([
    ["bytes", () => COMMAND, "the module", "main.wasm"],
    ["a buffer", () => COMMAND.buffer, "the module", "main.wasm"],
    ["a path", () => "app.wasm", "app.wasm", "app.wasm"],
    ["a path with directories", () => "directory/../app.wasm", "directory/../app.wasm", "app.wasm"],
    ["a file URL", () => new URL("file:///app.wasm"), "/app.wasm", "app.wasm"],
    ["a file URL as text", () => "file:///my%20app.wasm", "/my app.wasm", "my app.wasm"],
    ["a compiled module", () => new WebAssembly.Module(COMMAND), "the module", "main.wasm"],
  ])("%s", async (_, source, label, basename) => {
    for (const load of [loadModule, loadModuleSync]) {
      const loaded = await load(source(), platform);
      expect(loaded.module).toBeInstanceOf(WebAssembly.Module);
      expect([loaded.label, loaded.basename]).toEqual([label, basename]);
    }
  });

  test("a response, but not at once", async () => {
    const response = (): Response => new Response(COMMAND, { headers: { "content-type": "text/plain" } });
    expect((await loadModule(response(), platform)).label).toBe("the module");
    expect(() => loadModuleSync(response(), platform)).toThrow(/Cannot load a Response synchronously/);
    expect(() => loadModuleSync("https://example.com/x.wasm", platform)).toThrow(
      "Cannot load https://example.com/x.wasm synchronously: use run, or fetch it first and pass the bytes",
    );
    await expect(loadModule(new Response("gone", { status: 404 }), platform)).rejects.toThrow(
      /the server answered 404/,
    );
  });
});

describe("what is no module is told so:", () => {
  test.each<[string, () => ModuleSource, RegExp]>([
    ["no file", () => "nope.wasm", /^Cannot read nope\.wasm: there is no such file$/],
    ["a directory", () => "directory", /^Cannot read directory: it is a directory; name the \.wasm file in it$/],
    ["an empty file", () => "empty.wasm", /^Cannot run empty\.wasm: the file is empty$/],
    ["text", () => "text.wat", /^Cannot run text\.wat: it is not WebAssembly .*assemble it with wat2wasm first$/],
    ["a native program", () => encoder.encode("\x7fELF\x02"), /it is a native program: build it for wasip1/],
    ["a script", () => encoder.encode("#!/bin/sh"), /it is a script$/],
    ["anything else", () => encoder.encode("PK\x03\x04"), /it is not WebAssembly \(it does not begin with \\0asm\)$/],
    ["a header that is cut", () => COMMAND.slice(0, 6), /it ends within its header; the file is truncated$/],
    ["a file that is cut", () => COMMAND.slice(0, -5), /^Cannot compile the module: .*; the file may be truncated$/],
    ["a wrong version", () => new Uint8Array([0, 0x61, 0x73, 0x6d, 9, 0, 0, 0]), /^Cannot compile the module: /],
  ])("%s", async (_, source, expected) => {
    expect(await message(source())).toMatch(expected);
  });
});

describe("what can't be run is told so:", () => {
  test.each([
    ["no entry point", '(module (memory (export "memory") 1))', /it exports neither _start .* nor _initialize/],
    [
      "an entry point that is no function",
      '(module (memory (export "memory") 1) (global (export "_start") i32 (i32.const 0)))',
      /it exports neither _start/,
    ],
    ["no memory", '(module (func (export "_start")))', /it exports no memory named "memory"/],
    [
      "an unknown import",
      '(module (import "env" "f" (func (param i32 i64) (result f64))) (memory (export "memory") 1) (func (export "_start")))',
      /nobody provides its import "env" "f", a function \(i32, i64\) -> f64; pass it with the option "imports"/,
    ],
    [
      "an import of another socket extension",
      '(module (import "wasi_snapshot_preview1" "sock_open_ex" (func (param i32) (result i32))) (memory (export "memory") 1) (func (export "_start")))',
      /"sock_open_ex", a function \(i32\) -> i32; it belongs to a socket extension that is not supported/,
    ],
    [
      "a program for a browser",
      '(module (import "gojs" "runtime.wasmExit" (func (param i32))) (memory (export "memory") 1) (func (export "_start")))',
      /a function \(i32\) -> \(\); it was built with GOOS=js: build it with GOOS=wasip1/,
    ],
    [
      "an import with another type",
      '(module (import "wasi_snapshot_preview1" "constructor" (func)) (memory (export "memory") 1) (func (export "_start")))',
      /nobody provides its import "wasi_snapshot_preview1" "constructor"/,
    ],
  ])("%s", async (_, text, expected) => {
    await expect(run(assemble("x.wat", text), { platform })).rejects.toThrow(expected);
    await expect(run(assemble("x.wat", text), { platform })).rejects.toBeInstanceOf(ModuleError);
  });
});
