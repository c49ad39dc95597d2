import { describe, expect, test } from "vitest";
import { instantiate, ModuleError, run, type RunOptions, runSync } from "wasirun";
import { posix } from "wasirun/posix";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { WASMEDGE_SIGNATURES } from "../../src/witx/wasmedge.ts";
import { binary, idleCommand, leb, name } from "../tools/binary.ts";
import { assemble } from "../tools/wat.ts";

/** The message with which a module is refused, the same in every way to start it. */
async function refusal(source: Uint8Array<ArrayBuffer>, options: RunOptions = {}): Promise<string> {
  const messages = new Set<string>();
  for (const given of [options, { ...options, platform: posix() }]) {
    for (
      const start of [
        run,
        instantiate,
        (...args: Parameters<typeof run>) => Promise.resolve().then(() => runSync(...args)),
      ]
    ) {
      const error = await start(source, given).catch((error: unknown) => error);
      expect(error).toBeInstanceOf(ModuleError);
      messages.add((error as ModuleError).message);
    }
  }
  expect(messages.size).toBe(1);
  return [...messages][0]!;
}

/** A command that imports functions, and calls none of them. */
function importing(
  module: string,
  functions: readonly (readonly [name: string, type: string])[],
): Uint8Array<ArrayBuffer> {
  const imports = functions.map(([name, type]) => `(import "${module}" "${name}" (func ${type}))`);
  return assemble("imports.wat", `(module ${imports.join("")} (memory (export "memory") 1) (func (export "_start")))`);
}

function typeOf(params: readonly string[], results: readonly string[]): string {
  return [...params.map((type) => `(param ${type})`), ...results.map((type) => `(result ${type})`)].join(" ");
}

const STANDARD = Object.entries(SIGNATURES).map(([name, { params, results }]) =>
  [name, typeOf(params.map(({ core }) => core), results)] as const
);

describe("an entry point", () => {
  const exporting = (name: string, type: string): Uint8Array<ArrayBuffer> =>
    assemble("entry.wat", `(module (memory (export "memory") 1) (func (export "${name}") ${type} unreachable))`);

  test.each(["_start", "_initialize"])("%s with parameters is refused before it is called", async (name) => {
    for (const [type, count] of [["(param i32)", "1 parameter"], ["(param i32 i64)", "2 parameters"]] as const) {
      expect(await refusal(exporting(name, type))).toBe(
        `Cannot run the module: its export ${name} has ${count}, but must have none`,
      );
    }
  });
});

describe("an import of WASI", () => {
  test("with the type of its function is accepted, all of them", async () => {
    expect(await run(importing("wasi_snapshot_preview1", STANDARD))).toEqual({ exitCode: 0 });
    expect(runSync(importing("wasi_unstable", STANDARD))).toEqual({ exitCode: 0 });
    for (const version of ["v1", "v2"] as const) {
      const functions = Object.entries(WASMEDGE_SIGNATURES).flatMap(([name, versions]) => {
        const type = typeOf(versions[version].params.map(({ core }) => core), ["i32"]);
        return [[name, type], [`${name}_v2`, type]] as const;
      });
      expect(await run(importing("wasi_snapshot_preview1", functions))).toEqual({ exitCode: 0 });
    }
  });

  test("with any other type is refused before the start, with both types", async () => {
    for (const module of ["wasi_snapshot_preview1", "wasi_unstable"]) {
      for (const [name, type] of STANDARD) {
        for (const wrong of [`${type} (result f32)`, `(param f64) ${type}`]) {
          await expect(run(importing(module, [[name, wrong]]))).rejects.toThrow(
            new RegExp(`it imports ${module}\\.${name} as \\(.*\\) -> .*, but the function is \\(.*\\) -> `),
          );
        }
      }
    }
    expect(await refusal(importing("wasi_snapshot_preview1", [["fd_write", "(param i32 i32) (result i32)"]]))).toBe(
      "Cannot run the module: it imports wasi_snapshot_preview1.fd_write as (i32, i32) -> i32, but the function is " +
        "(i32, i32, i32, i32) -> i32",
    );
    expect(await refusal(importing("wasi_snapshot_preview1", [["sock_accept", "(result i32)"]]))).toBe(
      "Cannot run the module: it imports wasi_snapshot_preview1.sock_accept as () -> i32, but the function is " +
        "(i32, i32, i32) -> i32 or (i32, i32) -> i32",
    );
  });

  test("that is no function is refused", async () => {
    const module = assemble(
      "memory.wat",
      '(module (import "wasi_snapshot_preview1" "fd_read" (global i32)) (memory (export "memory") 1) (func (export "_start")))',
    );
    expect(await refusal(module)).toBe(
      "Cannot run the module: it imports wasi_snapshot_preview1.fd_read as a global, but it is a function",
    );
  });

  test("has the type that it likes, if the caller provides it", async () => {
    const module = importing("wasi_snapshot_preview1", [["fd_write", "(param f64)"]]);
    expect(await run(module, { imports: { wasi_snapshot_preview1: { fd_write: () => {} } } })).toEqual({ exitCode: 0 });
  });
});

describe("a memory with 64-bit addresses", () => {
  const WIDE = idleCommand({ memories: [[4, 1]] });

  test("is refused before the start", async () => {
    expect(await refusal(WIDE)).toBe(
      'Cannot run the module: its memory "memory" has 64-bit addresses (memory64), and pointers of WASI preview 1 have ' +
        "32 bits; build it for wasm32",
    );
  });

  test("is refused in a compiled module as well, where an engine compiles one", async () => {
    if (!WebAssembly.validate(WIDE)) return void expect(() => new WebAssembly.Module(WIDE)).toThrow();
    const module = new WebAssembly.Module(WIDE);
    await expect(run(module)).rejects.toThrow(/64-bit addresses/);
    expect(() => runSync(module)).toThrow(ModuleError);
  });

  test("of 32 bits in a compiled module stays as it is", async () => {
    const memory = new WebAssembly.Memory({ initial: 1 });
    const bytes = binary([
      [1, [1, 0x60, 0, 0]],
      [2, [1, ...name("env"), ...name("memory"), 2, 0, 1]],
      [3, [1, 0]],
      [7, [2, ...name("_start"), 0, 0, ...name("memory"), 2, 0]],
      [10, [1, 2, 0, 0x0b]],
    ]);
    const { buffer } = memory;
    expect(await run(new WebAssembly.Module(bytes), { imports: { env: { memory } } })).toEqual({ exitCode: 0 });
    expect(memory.buffer).toBe(buffer);
  });
});

describe("what a module may declare is bounded", () => {
  const tables = (count: number, elements: number): Uint8Array<ArrayBuffer> =>
    idleCommand({ tables: Array.from({ length: count }, () => [0x70, 0, ...leb(elements)]) });

  test("elements of tables: huge ones end no engine", async () => {
    expect(await refusal(tables(100, 10_000_000))).toBe(
      "Cannot run the module: it declares 1000000000 elements of tables, and maxTableElements (--max-table-elements) allows 1000000",
    );
    expect(await refusal(tables(1, 1_000_001))).toMatch(/declares 1000001 elements/);
    expect(await run(tables(10, 1000))).toEqual({ exitCode: 0 });
    expect(await refusal(tables(2, 50), { maxTableElements: 99 })).toMatch(/declares 100 elements .* allows 99$/);
    expect(await run(tables(2, 50), { maxTableElements: 100 })).toEqual({ exitCode: 0 });
  });

  test("memories for which an engine has no addresses left are a ModuleError", async () => {
    const module = idleCommand({ memories: Array.from({ length: 20_000 }, () => [0, 0]) });
    const outcome = await run(module).catch((error: unknown) => error);
    // Deno has room for them all.
    if (!(outcome instanceof Error)) return expect(outcome).toEqual({ exitCode: 0 });
    expect(outcome).toBeInstanceOf(ModuleError);
    expect(outcome.message).toMatch(/^Cannot (compile|start) the module: /);
    expect(() => runSync(module)).toThrow(ModuleError);
  });

  test("bytes of memory, of all memories together", async () => {
    const memories = (count: number, pages: number): Uint8Array<ArrayBuffer> =>
      idleCommand({ memories: Array.from({ length: count }, () => [0, ...leb(pages)]) });
    expect(await refusal(memories(2, 65536))).toBe(
      "Cannot run the module: it declares 8589934592 bytes of memory, and maxMemoryBytes (--max-memory) allows 4294967296",
    );
    expect(await refusal(memories(1, 17), { maxMemoryBytes: 2 ** 20 })).toMatch(/declares 1114112 .* allows 1048576$/);
    expect(await run(memories(1, 16), { maxMemoryBytes: 2 ** 20 })).toEqual({ exitCode: 0 });
  });
});
