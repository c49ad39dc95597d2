import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cDebugGuest, cGuest, goGuest, watGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";
import { RUNTIME, startWasirun, wasirun } from "../tools/wasirun.ts";
import { until } from "../tools/until.ts";

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-ending-"));
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

function module(name: string, text: string): string {
  const path = join(folder, `${name}.wasm`);
  fs.writeFileSync(path, assemble(name, text));
  return path;
}

/** Calls one import with one number. */
function caller(name: string, result: string, argument: number): string {
  const drop = result === "" ? "" : "drop";
  return module(
    `${name}-${argument}`,
    `(module (import "wasi_snapshot_preview1" "${name}" (func $f (param i32) ${result}))
       (memory (export "memory") 1)
       (func (export "_start") (call $f (i32.const ${argument})) ${drop}))`,
  );
}

describe("the exit status", () => {
  test("is the guest's", async () => {
    expect(await wasirun([await goGuest("hello")])).toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
    expect(await wasirun([await goGuest("exit"), "5"])).toMatchObject({ status: 5, stdout: "exiting\n", stderr: "" });
    for (const code of [0, 1, 2, 125, 134, 255]) {
      expect(await wasirun([caller("proc_exit", "", code)])).toMatchObject({ status: code, signal: null, stderr: "" });
    }
    expect((await wasirun([await watGuest("exit")])).status).toBe(7);
  });

  test("has the low 8 bits of the guest's, as any exit status", async () => {
    for (const code of [256 + 3, 0x7fffff03, -253]) {
      expect((await wasirun([caller("proc_exit", "", code)])).status).toBe(3);
    }
  });

  test("is 128 + n if the guest raises signal n", async () => {
    for (const [signal, status] of [[6, 134], [15, 143], [9, 137], [2, 130]] as const) {
      expect(await wasirun([caller("proc_raise", "(result i32)", signal)])).toMatchObject({ status, signal: null });
    }
    expect((await wasirun([caller("proc_raise", "(result i32)", 0)])).status).toBe(0);
  });

  test("is 2 for a panic of Go, whose own message is all there is", async () => {
    const { status, stderr } = await wasirun([await goGuest("panic")]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^panic: something is wrong\n/);
    expect(stderr).toContain("main.inner");
    expect(stderr).not.toContain("wasirun:");
    const trap = await wasirun([await goGuest("trap")]);
    expect(trap).toMatchObject({ status: 2, stdout: expect.stringContaining("recovered: runtime error") });
  });
});

describe("a trap ends the command with 134, its message and the guest's stack", () => {
  function expectStack(stderr: string, names: readonly string[]): void {
    const [message, ...frames] = stderr.trimEnd().split("\n");
    expect(message).toMatch(/^wasirun: The guest trapped: .+/);
    expect(frames.every((frame) => /^ {4}at \S|^ {4}\.\.\./.test(frame)), stderr).toBe(true);
    expect(frames.slice(0, names.length).map((frame) => frame.trim().split(" ")[1])).toEqual(names);
    expect(stderr).not.toMatch(/file:|\.ts:|node_modules|\[wasm code\]|wasm:\/\//);
  }

  test("with the names of a wat module", async () => {
    const { status, stderr } = await wasirun([await watGuest("trap")]);
    expect(status).toBe(134);
    expect(stderr).toMatch(/unreachable/i);
    expectStack(stderr, ["innermost", "middle", "main"]);
  });

  test("with the names of C, behind what it wrote", async () => {
    const { status, stdout, stderr } = await wasirun([await cGuest("trap")]);
    expect({ status, stdout }).toEqual({ status: 134, stdout: "about to trap\n" });
    expectStack(stderr, ["fall", "stumble"]);
    const abort = await wasirun([await cGuest("abort")]);
    expect({ status: abort.status, stdout: abort.stdout }).toEqual({ status: 134, stdout: "about to abort\n" });
    expectStack(abort.stderr, ["abort"]);
  });

  test("with the names of Rust as they are in its source", async () => {
    const path = module(
      "rust",
      `(module (memory (export "memory") 1)
        (func $_RNvNtCs1234_7example5parse6number unreachable)
        (func $_ZN7example3app3run17h0123456789abcdefE (call $_RNvNtCs1234_7example5parse6number))
        (func $_RNvCs1234_7exampleu7n_sa (call $_ZN7example3app3run17h0123456789abcdefE))
        (func $main (export "_start") (call $_RNvCs1234_7exampleu7n_sa)))`,
    );
    const { status, stderr } = await wasirun([path]);
    expect(status).toBe(134);
    expectStack(stderr, ["example::parse::number", "example::app::run", "example::n\u00f0", "main"].slice(0, 2));
    expect(stderr).toContain("    at main");
  });

  test.each([4, 5] as const)("with the files and lines of C, by DWARF %i, on V8", async (version) => {
    const { status, stderr } = await wasirun([await cDebugGuest("trap_lines", version)]);
    expect(status).toBe(134);
    expectStack(stderr, ["divide", "recurse", "recurse"]);
    const lines = stderr.split("\n").slice(1, 5).map((line) =>
      /trap_lines\.c:(\d+):\d+, 0x[0-9a-f]+\)$/.exec(line)?.[1]
    );
    expect(lines).toEqual(RUNTIME === "bun" ? new Array(4).fill(undefined) : ["3", "8", "7", "13"]);
  });

  test("with the names of Go", async () => {
    const { status, stderr } = await wasirun(["--stack-size=256K", await goGuest("deep"), "1000000"]);
    expect(status).toBe(134);
    expectStack(stderr, ["main.descend", "main.descend"]);
  });

  test("out of bounds, divided by zero, a wrong indirect call", async () => {
    const bodies = {
      bounds: "(drop (i32.load (i32.const -4)))",
      divide: "(drop (i32.div_u (i32.const 1) (i32.const 0)))",
      indirect: "(call_indirect (i32.const 0))",
    };
    for (const [name, body] of Object.entries(bodies)) {
      const path = module(
        name,
        `(module (memory (export "memory") 1) (table 1 funcref) (func $main (export "_start") ${body}))`,
      );
      const { status, stderr } = await wasirun([path]);
      expect(status, name).toBe(134);
      expectStack(stderr, ["main"]);
    }
  });

  test("that is an exception which nobody catches", async () => {
    const path = module(
      "exception",
      `(module (tag $tag (export "oops\\1b[31m")) (memory (export "memory") 1)
         (func $fail (throw $tag)) (func (export "_start") (call $fail)))`,
    );
    for (const flags of [[], ["--platform=runtime"]]) {
      const { status, stderr } = await wasirun([...flags, path]);
      expect(status).toBe(134);
      expect(stderr).toMatch(/^wasirun: The guest trapped: uncaught WebAssembly exception with the tag "oops/);
      expect(stderr).not.toContain("\x1b");
    }
  });

  test("that it would catch if it were none", async () => {
    for (
      const [name, handler] of [["legacy", "(try (do CALL) (catch_all))"], [
        "table",
        "(block $h (try_table (catch_all $h) CALL))",
      ]]
    ) {
      const path = module(
        `caught-${name}`,
        `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
           (func (export "_start") ${
          handler!.replace("CALL", "(call $exit (i32.const 7))")
        } (call $exit (i32.const 99))))`,
      );
      for (const flags of [[], ["--platform=runtime"]]) {
        expect(await wasirun([...flags, path])).toMatchObject({ status: 7, stderr: "" });
      }
    }
  });

  test("in a start function, before _start", async () => {
    const path = module(
      "start",
      '(module (memory (export "memory") 1) (func $first unreachable) (start $first) (func (export "_start")))',
    );
    const { status, stderr } = await wasirun([path]);
    expect(status).toBe(134);
    expectStack(stderr, ["first"]);
  });
});

describe("recursion", () => {
  test("of 100,000 levels works by default, of a million with a stack that is large enough", async () => {
    const deep = await goGuest("deep");
    expect(await wasirun([deep, "100000"])).toMatchObject({ status: 0, stdout: "100000\n", stderr: "" });
    expect(await wasirun(["--stack-size", "256M", deep, "1000000"])).toMatchObject({ status: 0, stdout: "1000000\n" });
  });

  test("that is too deep is told, with the option that helps", async () => {
    const { status, stderr } = await wasirun(["--stack-size", "256K", await goGuest("deep"), "1000000"]);
    expect(status).toBe(134);
    expect(stderr).toMatch(
      /^wasirun: The guest trapped: its calls are nested too deep for the stack; give it more with --stack-size\n/,
    );
    expect(stderr.split("\n").length).toBeLessThan(60);
  });

  test("without end is a trap, and no crash of the runtime", async () => {
    const path = module(
      "endless",
      `(module (memory (export "memory") 1)
         (func $f (param i32) (result i32) (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
         (func (export "_start") (drop (call $f (i32.const 0)))))`,
    );
    for (const flags of [[], ["--stack-size=256K"], ["--stack-size=1G"]]) {
      const { status, signal, stderr } = await wasirun([...flags, path]);
      expect({ flags, status, signal }).toEqual({ flags, status: 134, signal: null });
      expect(stderr).toMatch(/nested too deep/);
    }
  });
});

/** Processes whose command line has this word, by their ids. */
function processesWith(word: string): number[] {
  return fs.readdirSync("/proc").filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try {
      return fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes(word);
    } catch {
      return false;
    }
  });
}

describe("a signal", () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"] as const) {
    test(`${signal} ends the command as it ends any program, and leaves no process behind`, async () => {
      const word = `only-of-this-test-${process.pid}-${signal}`;
      const running = startWasirun([await goGuest("ticker"), word], { stdin: "pipe", env: { UNUSED: word } });
      await running.printed("tick");
      expect(processesWith(word).length).toBeGreaterThan(0);
      running.kill(signal);
      const { status, signal: ended } = await running.ended;
      expect({ status, ended }).toEqual({ status: null, ended: signal });
      await until(() => processesWith(word).length === 0);
    });
  }

  test("ends a guest that computes", async () => {
    const spin = module("loop", '(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))');
    const running = startWasirun([spin]);
    await sleep(RUNTIME === "bun" ? 500 : 1200);
    running.kill("SIGTERM");
    expect(await running.ended).toMatchObject({ status: null, signal: "SIGTERM" });
  });

  test("that comes as soon as a process is there leaves none behind", async () => {
    const spin = module("again", '(module (memory (export "memory") 1) (func (export "_start") (loop (br 0))))');
    for (let i = 0; i < 5; i++) {
      const word = `early-of-this-test-${process.pid}-${i}`;
      const running = startWasirun([spin, word]);
      // Deno's command starts another process, for a larger stack.
      await until(() => processesWith(word).length >= (RUNTIME === "deno" ? 2 : 1), 0);
      running.kill("SIGTERM");
      try {
        expect(await running.ended).toMatchObject({ status: null, signal: "SIGTERM" });
        await until(() => processesWith(word).length === 0);
      } finally {
        for (const pid of processesWith(word)) process.kill(pid, "SIGKILL");
      }
    }
  });

  test("to the whole group, as Ctrl-C sends it, ends all of it", async () => {
    const running = startWasirun([await goGuest("ticker")], { stdin: "pipe" });
    await running.printed("tick");
    process.kill(-running.pid, "SIGINT");
    expect(await running.ended).toMatchObject({ status: null, signal: "SIGINT" });
  });

  test("that kills the command leaves no guest that goes on for ever", async () => {
    const word = `killed-of-this-test-${process.pid}`;
    const running = startWasirun([await goGuest("ticker"), word], { stdin: "pipe" });
    await running.printed("tick");
    running.kill("SIGKILL");
    running.endInput();
    try {
      await until(() => processesWith(word).length === 0);
    } finally {
      for (const pid of processesWith(word)) process.kill(pid, "SIGKILL");
    }
  });
});
