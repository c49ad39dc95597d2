/** Commands that are components, by `run` and `runSync`. */

import * as fs from "node:fs";
import * as os from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { canSuspend } from "../../src/runtime/jspi.ts";
import {
  compileComponent,
  type CompiledComponent,
  ComponentError,
  instantiate,
  ModuleError,
  run,
  runSync,
  TrapError,
} from "wasirun";
import { assembleComponent, watComponent, witComponent } from "../tools/component_guests.ts";

/** A command whose `run` is this body of a core function. */
function commandText(body: string): string {
  return `(component
    (core module $main (func (export "run") (result i32) ${body}))
    (core instance $main (instantiate $main))
    (func $run (result (result)) (canon lift (core func $main "run")))
    (instance $exported (export "run" (func $run)))
    (export "wasi:cli/run@0.2.0" (instance $exported)))`;
}

describe("a command", () => {
  let hello: CompiledComponent;
  beforeAll(async () => {
    hello = await compileComponent(await witComponent("hello"));
  });

  test("writes to standard output", async () => {
    const result = { exitCode: 0, stdout: "hello from a component\n" };
    expect(await run(await witComponent("hello"), { stdout: "text" })).toEqual(result);
    expect(await run(hello, { stdout: "text" })).toEqual(result);
    expect(runSync(hello, { stdout: "text" })).toEqual(result);
  });

  test("is loaded from bytes and URLs too", async () => {
    const path = await witComponent("hello");
    const bytes = new Uint8Array(fs.readFileSync(path));
    for (const source of [bytes, bytes.buffer, new URL(`file://${path}`), Promise.resolve(bytes), new Blob([bytes])]) {
      expect(await run(source, { stdout: "text" })).toEqual({ exitCode: 0, stdout: "hello from a component\n" });
    }
  });

  test("has names of imports and exports", () => {
    expect(hello.exports).toEqual(["wasi:cli/run@0.2.12"]);
    expect(hello.imports).toContain("wasi:cli/stdout@0.2.12");
  });

  test("exits with the code of exit-with-code", async () => {
    expect(await run(await watComponent("exit"))).toEqual({ exitCode: 42 });
    expect(runSync(await compileComponent(await watComponent("exit")))).toEqual({ exitCode: 42 });
  });

  test("exits with 1 if run returns an error", async () => {
    expect(await run(await watComponent("fails"))).toEqual({ exitCode: 1 });
  });

  test("can't catch its exit", async () => {
    expect(await run(await watComponent("catch_exit"))).toEqual({ exitCode: 1 });
    expect(runSync(await compileComponent(await watComponent("catch_exit")))).toEqual({ exitCode: 1 });
  });

  test("that traps is a TrapError with the guest's stack", async () => {
    const error = await run(await watComponent("trap")).catch((error: unknown) => error);
    expect(error).toBeInstanceOf(TrapError);
    expect((error as TrapError).guestStack.join("\n")).toMatch(/inner/);
  });

  test("that overflows the stack is a TrapError", async () => {
    const text = `(component
      (core module $main (func $f (export "run") (result i32) (call $f) (call $f) i32.add))
      (core instance $main (instantiate $main))
      (func $run (result (result)) (canon lift (core func $main "run")))
      (instance $exported (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $exported)))`;
    await expect(run(await assembleComponent(text))).rejects.toThrow(/too deep for the stack/);
  });

  test("that returns no result traps", async () => {
    await expect(run(await assembleComponent(commandText("i32.const 2")))).rejects.toThrow(/discriminant/);
  });
});

describe.skipIf(!canSuspend())("a command that waits", () => {
  test("is aborted by its signal", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 30);
    await expect(run(await watComponent("spin"), { signal: controller.signal })).rejects.toBe(reason);
  });

  test("does not block the event loop", async () => {
    const controller = new AbortController();
    let turns = 0;
    const timer = setInterval(() => {
      if (++turns === 5) controller.abort(new Error("enough"));
    }, 2);
    await expect(run(await watComponent("spin"), { signal: controller.signal })).rejects.toThrow("enough");
    clearInterval(timer);
    expect(turns).toBeGreaterThanOrEqual(5);
  });
});

describe("a component that can't be run", () => {
  const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);

  test("by runSync must be compiled first", () => {
    expect(() => runSync(component)).toThrow(/it is a component.*compileComponent/);
  });

  test("exports no command", async () => {
    await expect(run(component)).rejects.toThrow(/it exports nothing, and not wasi:cli\/run/);
    const text = `(component (core module $m (func (export "f"))) (core instance $i (instantiate $m))
      (func (export "f") (canon lift (core func $i "f"))))`;
    await expect(run(await assembleComponent(text))).rejects.toThrow("it exports f, and not wasi:cli/run");
  });

  test("is a command of another version", async () => {
    const text = commandText("i32.const 0").replace("run@0.2.0", "run@0.4.0");
    await expect(run(await assembleComponent(text))).rejects.toThrow(/another version of WASI than 0\.2/);
  });

  test("is truncated", async () => {
    const bytes = new Uint8Array(fs.readFileSync(await witComponent("hello")));
    for (const length of [9, 100, bytes.length - 1]) {
      await expect(run(bytes.slice(0, length))).rejects.toThrow(ModuleError);
    }
  });

  test("imports what nobody provides", async () => {
    const text = (name: string, type: string): string =>
      `(component (import "${name}" (instance (export "handle" (func ${type})))))`;
    await expect(run(await assembleComponent(text("wasi:keyvalue/store@0.2.0-draft", ""))))
      .rejects.toThrow(/imports the interface store of the package wasi:keyvalue, version 0\.2\.0-draft/);
    const clock =
      `(component (import "wasi:clocks/monotonic-clock@0.2.0" (instance (export "now" (func (result u32))))))`;
    await expect(run(await assembleComponent(clock))).rejects.toThrow(
      /imported: func\(\) -> u32; provided: func\(\) -> u64/,
    );
  });

  test("declares more memory or tables than the options allow", async () => {
    const text = `(component
      (core module $m (memory 2) (table 10 funcref) (func (export "run") (result i32) i32.const 0))
      (core instance $i (instantiate $m))
      (func $run (result (result)) (canon lift (core func $i "run")))
      (instance $exported (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $exported)))`;
    const component = await compileComponent(await assembleComponent(text));
    expect(await run(component, { maxMemoryBytes: 131_072, maxTableElements: 10 })).toEqual({ exitCode: 0 });
    await expect(run(component, { maxMemoryBytes: 131_071 })).rejects.toThrow(
      /131072 bytes of memory, and maxMemoryBytes/,
    );
    expect(() => runSync(component, { maxTableElements: 9 })).toThrow(/10 elements of tables, and maxTableElements/);
  });

  test("is no module for compileComponent", async () => {
    const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
    await expect(compileComponent(module)).rejects.toThrow(/it is a module/);
  });

  test("has a core module that the engine refuses", async () => {
    const text = `(component (core module $m (func (export "f"))))`;
    const bytes = await assembleComponent(text);
    const body = bytes.lastIndexOf(0x0b);
    bytes[body] = 0xff;
    await expect(run(bytes)).rejects.toThrow(/Cannot compile the component/);
  });
});

describe("the trace", () => {
  test("has a line for each call, with values by their types", async () => {
    const lines: string[] = [];
    await run(await witComponent("hello"), { stdout: "null", trace: (line) => lines.push(line) });
    expect(lines).toEqual([
      "wasi:cli/stdout#get-stdout() => 1",
      "wasi:io/streams#output-stream.blocking-write-and-flush(1, 23 bytes) => ok",
    ]);
  });

  test("has a call that ends the guest, without a result", async () => {
    const lines: string[] = [];
    await run(await watComponent("exit"), { trace: (line) => lines.push(line) });
    expect(lines).toEqual(["wasi:cli/exit#exit-with-code(42)"]);
  });

  test("has the functions of the caller", async () => {
    const lines: string[] = [];
    const fetch = (key: string): string => {
      if (key === "b") throw new ComponentError(9);
      return `${key}!`;
    };
    class Blob {}
    const guest = await instantiate<{ api: { ask(key: string): string } }>(await witComponent("library"), {
      imports: { "test:library/host": { log: () => {}, fetch, Blob: Object.assign(Blob, { join: () => {} }) } },
      trace: (line) => lines.push(line),
    }).catch((error: unknown) => error);
    expect(guest).toBeInstanceOf(TypeError);
    Object.assign(Blob.prototype, { size: () => 1 });
    const other = await instantiate<{ api: { ask(key: string): string } }>(await witComponent("library"), {
      imports: { "test:library/host": { log: () => {}, fetch, Blob: Object.assign(Blob, { join: () => {} }) } },
      trace: (line) => lines.push(line),
    });
    other.exports.api.ask("a");
    other.exports.api.ask("b");
    expect(lines).toEqual(['test:library/host#fetch("a") => ok("a!")', 'test:library/host#fetch("b") => err(9)']);
    await other.close();
  });
});

describe("what a command opens", () => {
  test("is closed with it", async () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-component-"));
    try {
      const result = await run(await witComponent("calls"), {
        preopens: { "/": folder },
        stdout: "null",
        stderr: "text",
      });
      expect(result.exitCode).toBe(0);
      expect(result.stderr.split("\n")).toHaveLength(11);
      expect(fs.statSync(join(folder, "bench.tmp")).size).toBe(65536);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});
