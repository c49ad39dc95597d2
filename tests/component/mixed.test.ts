/** Modules of preview 1 that import functions of WIT too: they run without being made components. */

import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import {
  compileComponent,
  ComponentError,
  instantiate,
  ModuleError,
  run,
  type RunOptions,
  type RunResult,
  runSync,
  TrapError,
  WasiExit,
} from "wasirun";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { sectionsOf, WasmReader } from "../../src/runtime/module/wasm_reader.ts";
import { moduleWithTypes, witComponent } from "../tools/component_guests.ts";
import { cGuest, goGuest } from "../tools/guests.ts";
import { wasirun } from "../tools/wasirun.ts";
import { assemble } from "../tools/wat.ts";

/** The same module by `run`, and by `runSync`. */
async function bothWays(module: string | Uint8Array, options: RunOptions): Promise<RunResult[]> {
  const sync = runSync(await compileComponent(module), { ...options, stdout: "text" });
  return [await run(module, { ...options, stdout: "text" }), sync];
}

/** A module of preview 1. Index 0 and up are the functions that it imports. */
function moduleOf(imports: string, items: string): Uint8Array<ArrayBuffer> {
  return assemble("mixed.wat", `(module ${imports} (memory (export "memory") 1) ${items})`);
}

function commandOf(imports: string, body: string): Uint8Array<ArrayBuffer> {
  return moduleOf(imports, `(func (export "_start") ${body})`);
}

/** The section with types of a module, as it stands in the binary. */
function typeSection(path: string): Uint8Array {
  const bytes = readFileSync(path);
  for (const { id, sizeAt, start, end } of sectionsOf(bytes)) {
    const isNamed = id === 0 && new WasmReader(bytes, start, end).oneOf(["component-type"]) !== undefined;
    if (isNamed) return bytes.subarray(sizeAt - 1, end);
  }
  throw new Error(`There are no types in ${path}`);
}

const NOW = `(import "wasi:clocks/monotonic-clock@0.2.3" "now" (func (result i64)))`;
const WAIT = `(import "wasi:clocks/monotonic-clock@0.2.3" "subscribe-duration" (func (param i64) (result i32)))
  (import "wasi:io/poll@0.2.3" "[method]pollable.block" (func (param i32)))`;
const RANDOM = `(import "wasi:random/random@0.2.3" "get-random-bytes" (func (param i64 i32)))`;
const ADD_ALL = `(import "$root" "add-all" (func (param i32 i32) (result i32)))`;

describe("a program of C", () => {
  const result = { exitCode: 3, stdout: "random: 1\n2 arguments: 2 one\n" };
  let module: string;
  beforeAll(async () => {
    module = await cGuest("mixed");
  });

  test("runs without types: those of WASI are known", async () => {
    expect(await bothWays(module, { args: ["one"] })).toEqual([result, result]);
  });

  test("runs with types", async () => {
    expect(await bothWays(await moduleWithTypes(module, "mixed"), { args: ["one"] })).toEqual([result, result]);
  });

  test("has both kinds of calls in its trace", async () => {
    const calls: string[] = [];
    const trace = (line: string): void => void calls.push(line.replace(/\(.*/s, ""));
    await run(module, { args: ["one"], stdout: "null", trace });
    expect(calls).toEqual(expect.arrayContaining(["poll_oneoff", "wasi:io/poll#pollable.block", "proc_exit"]));
  });

  test("is run by the command", async () => {
    const { status, stdout } = await wasirun([module, "one"]);
    expect([status, stdout]).toEqual([3, result.stdout]);
  });

  test("is known by what it imports", async () => {
    const { imports, exports } = await compileComponent(module);
    expect(imports).toContain("wasi:io/poll@0.2.12");
    expect(exports).toContain("_start");
  });

  test("is not run by runSync before compileComponent has loaded what links it", () => {
    expect(() => runSync(module)).toThrow(/pass what compileComponent returned/);
  });
});

describe("a program of Go", () => {
  const lines = [0, 1, 2].map((i) => `by WIT ${i}\nby preview 1 ${i}\n`).join("");
  const stdout = `waited: true\nrandom: 1048576 4\n${lines}`;

  test("waits, allocates for the host and prints by both", async () => {
    const result = { exitCode: 3, stdout };
    expect(await bothWays(await goGuest("mixed"), {})).toEqual([result, result]);
  });

  test("traps by what it does wrong", async () => {
    const ended = run(await goGuest("mixed"), { args: ["trap"], stdout: "null" });
    await expect(ended).rejects.toThrow(/handle index 1 used with the wrong type/);
    await expect(ended).rejects.toBeInstanceOf(TrapError);
  });
});

class Counter {
  static dropped = 0;
  readonly #start: number;
  constructor(start: number) {
    this.#start = start;
  }
  add(by: number): number {
    return this.#start + by;
  }
  static twice(counter: Counter): Counter {
    return new Counter(2 * counter.#start);
  }
  [Symbol.dispose](): void {
    Counter.dropped++;
  }
}

class Item {
  readonly #name: string;
  constructor(name: string) {
    this.#name = name;
  }
  name(): string {
    return this.#name === "long" ? "x".repeat(1 << 20) : this.#name;
  }
  static join(a: Item, b: Item): Item {
    return new Item(`${a.#name}+${b.#name}`);
  }
}

const ROOT = {
  addAll: (a: number, b: number) => a + b,
  sum: ({ x, y }: { readonly x: number; readonly y: number }) => x + y,
  Counter,
};
const STORE = {
  Item,
  count: (words: readonly string[]) => words.length,
  later: (ms: number): number => {
    if (ms === 0) throw new ComponentError("no time");
    return ms;
  },
};
const IMPORTS = { $root: ROOT, "test:mixed/store": STORE };
const PRINTED = "5 9\ncounter 7 11\nitem a+b\ncount 2\nok 3\nerror no time\n";

describe("a program that imports what its caller provides", () => {
  let module: string;
  beforeAll(async () => {
    module = await moduleWithTypes(await cGuest("caller"), "caller");
  });

  test("calls functions and classes, those of the world itself too", async () => {
    Counter.dropped = 0;
    const result = { exitCode: 4, stdout: PRINTED };
    expect(await bothWays(module, { imports: IMPORTS })).toEqual([result, result]);
    expect(Counter.dropped).toBe(4);
  });

  test("gets those of the world itself as jco has them", async () => {
    const modules = { "add-all": { default: ROOT.addAll }, sum: { default: ROOT.sum }, counter: { default: Counter } };
    const imports = { ...modules, "test:mixed/store@1.0.0": STORE } as unknown as RunOptions["imports"] & object;
    expect(await run(module, { imports, stdout: "text" })).toEqual({ exitCode: 4, stdout: PRINTED });
  });

  test.skipIf(!canSuspend())("waits for promises", async () => {
    const later = async (ms: number): Promise<number> => {
      await new Promise((resolve) => setTimeout(resolve, ms));
      return STORE.later(ms);
    };
    const imports = { ...IMPORTS, "test:mixed/store": { ...STORE, later } };
    expect(await run(module, { imports, stdout: "text" })).toEqual({ exitCode: 4, stdout: PRINTED });
  });

  test("grows its memory for a result", async () => {
    const { stdout } = await run(module, { imports: IMPORTS, args: ["grow"], stdout: "text" });
    expect(stdout).toBe(`${PRINTED}grown 1, 1048576 bytes\n`);
  });

  test.each([["drop", /unknown handle index 99/], ["bad", /out of bounds/], ["trap", /unreachable/i]])(
    "traps: %s",
    async (what, message) => {
      const ended = run(module, { imports: IMPORTS, args: [what], stdout: "null" });
      await expect(ended).rejects.toBeInstanceOf(TrapError);
      await expect(ended).rejects.toThrow(message);
    },
  );

  test("is refused without an interface that it uses", async () => {
    await expect(run(module, { imports: { $root: ROOT } })).rejects.toThrow(
      /the interface store of the package test:mixed, version 1.0.0, which this host does not provide/,
    );
  });

  test.each(["addAll", "Counter"])("is refused without %s of the world itself", async (name) => {
    const imports = { ...IMPORTS, $root: { ...ROOT, [name]: undefined } };
    await expect(run(module, { imports })).rejects.toThrow(name);
  });

  test("is ended by what a function throws", async () => {
    const failure = new Error("no counting");
    const count = (): never => {
      throw failure;
    };
    const imports = { ...IMPORTS, "test:mixed/store": { ...STORE, count } };
    await expect(run(module, { imports, stdout: "null" })).rejects.toBe(failure);
  });
});

describe("a module with several sections of types", () => {
  test("has the functions of all", async () => {
    const module = commandOf(
      `${ADD_ALL} ${WAIT} (import "wasi:cli/exit@0.2.12" "exit-with-code" (func (param i32)))`,
      `
      (call 2 (call 1 (i64.const 1000))) (call 3 (call 0 (i32.const 2) (i32.const 3)))`,
    );
    const caller = typeSection(await moduleWithTypes(await cGuest("caller"), "caller"));
    const mixed = typeSection(await moduleWithTypes(await cGuest("mixed"), "mixed"));
    for (const sections of [[caller, mixed], [mixed, caller]]) {
      const bytes = Uint8Array.from([...module, ...sections[0]!, ...sections[1]!]);
      expect(await bothWays(bytes, { imports: { $root: ROOT } })).toEqual(
        [{ exitCode: 5, stdout: "" }, { exitCode: 5, stdout: "" }],
      );
    }
  });

  test("is refused if one is broken", async () => {
    const section = typeSection(await moduleWithTypes(await cGuest("caller"), "caller"));
    const broken = Uint8Array.from(section);
    broken[broken.indexOf(0x61) + 30] = 0xff;
    const bytes = Uint8Array.from([...commandOf(ADD_ALL, ""), ...broken.subarray(0, broken.length)]);
    await expect(run(bytes, { imports: { $root: ROOT } })).rejects.toBeInstanceOf(ModuleError);
  });
});

/** Queues 64 KiB and more at a standard output that takes less: `$late`; and what a guest does then. */
function lateModule(items: string, more: string = ""): Uint8Array<ArrayBuffer> {
  const stream = `"wasi:io/streams@0.2.0" "[method]output-stream`;
  const imports = `(import "wasi:cli/stdout@0.2.0" "get-stdout" (func (result i32)))
    (import ${stream}.check-write" (func (param i32 i32)))
    (import ${stream}.write" (func (param i32 i32 i32 i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))`;
  return moduleOf(
    imports + more,
    `${items}
    (data (i32.const 100) "\\00\\80\\00\\00\\06\\00\\00\\00") (data (i32.const 32768) "direct")
    (func $late (local $out i32)
      (local.set $out (call 0))
      (call 1 (local.get $out) (i32.const 0))
      (call 2 (local.get $out) (i32.const 0) (i32.const 65536) (i32.const 0)))
    (func $direct (drop (call 3 (i32.const 1) (i32.const 100) (i32.const 1) (i32.const 0))))`,
  );
}

/** A stream that takes little at a time, slowly. @returns What it has taken. */
function slowStream(): { readonly stdout: WritableStream<Uint8Array>; readonly taken: () => string } {
  const chunks: Uint8Array[] = [];
  const stdout = new WritableStream<Uint8Array>({
    async write(chunk) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      chunks.push(chunk);
    },
  }, { highWaterMark: 1 });
  return { stdout, taken: () => new TextDecoder().decode(Buffer.concat(chunks)) };
}

describe.runIf(canSuspend())("what is queued for output", () => {
  test("goes before what preview 1 writes later", async () => {
    const { stdout, taken } = slowStream();
    await run(lateModule(`(func (export "_start") (call $late) (call $direct) (call $late) (call $direct))`), {
      stdout,
    });
    expect([taken().length, taken().indexOf("direct", 40_000), taken().lastIndexOf("direct")]).toEqual(
      [131_084, 65_536, 131_078],
    );
  });

  test("is written while the guest waits by preview 1", async () => {
    const { stdout, taken } = slowStream();
    const poll = `(import "wasi_snapshot_preview1" "poll_oneoff" (func (param i32 i32 i32 i32) (result i32)))`;
    const start = `(func (export "_start") (call $late) (call $late)
      (memory.fill (i32.const 2000) (i32.const 0) (i32.const 48))
      (i32.store (i32.const 2016) (i32.const 1)) (i64.store (i32.const 2024) (i64.const 100_000_000_000))
      (drop (call 4 (i32.const 2000) (i32.const 3000) (i32.const 1) (i32.const 4000))))`;
    const controller = new AbortController();
    const { signal } = controller;
    const running = run(lateModule(start, poll), { stdout, signal });
    running.catch(() => {});
    await expect.poll(() => taken().length, { timeout: 5000 }).toBe(131_072);
    controller.abort("it has waited enough");
    await expect(running).rejects.toBe("it has waited enough");
  });

  test.each(["late", "trap"])("is written when a reactor is closed or traps: %s", async (name) => {
    const { stdout, taken } = slowStream();
    const module = lateModule(`(func (export "_initialize")) (func (export "late") (call $late) (call $late))
      (func (export "trap") (call $late) (call $late) (unreachable))`);
    const guest = await instantiate(module, { stdout });
    if (name === "late") await guest.call(name);
    else await expect(guest.call(name)).rejects.toThrow(/unreachable/i);
    await guest.close();
    expect(taken().length).toBe(131_072);
  });

  test("is written when a component traps", async () => {
    const { stdout, taken } = slowStream();
    const guest = await instantiate<{ run: { run(): void } }>(await witComponent("late_trap"), { stdout });
    await expect(guest.call(guest.exports.run.run)).rejects.toThrow(/unreachable/i);
    await expect.poll(() => taken().length).toBe(131_072);
    await guest.close();
  });
});

test("bytes that a function of WIT has read ahead are read by preview 1", async () => {
  const imports = `(import "wasi:cli/stdin@0.2.0" "get-stdin" (func (result i32)))
    (import "wasi:io/streams@0.2.0" "[method]input-stream.blocking-read" (func (param i32 i64 i32)))
    (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))`;
  const module = moduleOf(
    imports,
    `(data (i32.const 100) "\\00\\04\\00\\00\\14\\00\\00\\00")
    (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) (i32.const 2048))
    (func (export "_start")
      (call 1 (call 0) (i64.const 2) (i32.const 0))
      (drop (call 2 (i32.const 0) (i32.const 100) (i32.const 1) (i32.const 200)))
      (call 3 (i32.add (i32.mul (i32.load (i32.const 200)) (i32.const 10)) (i32.sub (i32.load8_u (i32.const 1024)) (i32.const 97)))))`,
  );
  expect(await bothWays(module, { stdin: { text: "abcdefg" } })).toEqual(
    [{ exitCode: 52, stdout: "" }, { exitCode: 52, stdout: "" }],
  );
});

describe("a function that is not there", () => {
  test.each([
    ["my:pkg/api", /nobody provides its import "my:pkg\/api" "f".*"wasm-tools component embed"/s],
    ["wasi:clocks/monotonic-clock@0.2.0", /nobody provides its import/],
    ["wasi:clocks/monotonic-clock@0.3.0", /nobody provides its import/],
    ["wasi:http/types@0.2.0", /nobody provides its import/],
    ["wasi:http/types@0.3.0", /nobody provides its import/],
  ])("is named: %s", async (name, message) => {
    const module = commandOf(`(import "${name}" "f" (func))`, "");
    await expect(run(module)).rejects.toThrow(message);
    await expect(run(module)).rejects.toBeInstanceOf(ModuleError);
  });

  test("may be in the types of a module whose bytes are not at hand", async () => {
    const module = await WebAssembly.compile(commandOf(`(import "my:pkg/api" "f" (func))`, ""));
    await expect(run(module)).rejects.toThrow(/pass the bytes of the module/);
  });

  test("is there by another type", async () => {
    const module = commandOf(`(import "wasi:clocks/monotonic-clock@0.2.0" "now" (func (param i32)))`, "");
    await expect(run(module)).rejects.toThrow("now as (i32) -> (), but the function is () -> i64");
  });

  test("is passed by its names in the module, as before", async () => {
    const module = commandOf(`(import "my:pkg/api" "f" (func (param i32)))`, "(call 0 (i32.const 7))");
    const numbers: number[] = [];
    const imports = { "my:pkg/api": { f: (number: number) => void numbers.push(number) } };
    await run(module, { imports });
    runSync(module, { imports });
    runSync(module, { imports: () => imports });
    expect(numbers).toEqual([7, 7, 7]);
  });
});

describe("a module", () => {
  test("that is compiled has the functions of WASI", async () => {
    const module = await WebAssembly.compile(commandOf(NOW, "(if (i64.eqz (call 0)) (then unreachable))"));
    expect(await run(module)).toEqual({ exitCode: 0 });
  });

  test("has wasi:http", async () => {
    const fields = `(import "wasi:http/types@0.2.8" "[constructor]fields" (func (result i32)))
      (import "wasi:http/types@0.2.8" "[resource-drop]fields" (func (param i32)))`;
    expect(await run(commandOf(fields, "(call 1 (call 0))"))).toEqual({ exitCode: 0 });
  });

  test("must export what allocates", async () => {
    const module = commandOf(RANDOM, "(call 0 (i64.const 10) (i32.const 0))");
    await expect(run(module)).rejects.toThrow(/the module exports no cabi_realloc/);
  });

  test("that is a reactor waits when it is called", async () => {
    const wait = `(func (export "wait") (param i64) (result i32)
      (call 1 (call 0 (local.get 0))) (call 1 (call 0 (local.get 0))) (i32.const 6))`;
    const module = moduleOf(WAIT, `${wait} (func (export "_initialize"))`);
    const guest = await instantiate(module);
    expect(await guest.call("wait", 1_000_000n)).toBe(6);
    expect((guest.exports["wait"] as (ns: bigint) => number)(1_000_000n)).toBe(6);
    expect(await Promise.all([guest.call("wait", 1000n), guest.call("wait", 1000n)])).toEqual([6, 6]);
    await guest.close();
    await expect(guest.call("wait", 1n)).rejects.toThrow(/closed/);
  });

  test("that is a reactor exits by WIT", async () => {
    const exit = `(import "wasi:cli/exit@0.2.12" "exit-with-code" (func (param i32)))`;
    const items = `(func (export "leave") (call 0 (i32.const 9))) (func (export "_initialize"))`;
    const guest = await instantiate(moduleOf(exit, items));
    await expect(guest.call("leave")).rejects.toEqual(new WasiExit(9));
  });

  test.skipIf(!canSuspend())("is aborted by its signal while it waits", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    const module = commandOf(WAIT, "(call 1 (call 0 (i64.const 100_000_000_000)))");
    await expect(run(module, { signal: controller.signal })).rejects.toBe(reason);
  });
});
