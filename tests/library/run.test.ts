import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { instantiate, ModuleError, run, runSync, TrapError, WasiSignal } from "wasirun";
import { cGuest, goGuest, watGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";
import { until } from "../tools/until.ts";

function bytesOf(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(fs.readFileSync(path));
}

const EXIT = (code: number): Uint8Array<ArrayBuffer> =>
  assemble(
    "exit.wat",
    `(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
       (memory (export "memory") 1) (func (export "_start") (call $exit (i32.const ${code}))))`,
  );

/** Sleeps for ever. */
const SLEEPER = assemble(
  "sleeper.wat",
  `(module (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
     (memory (export "memory") 1)
     (func (export "_start")
       (i64.store (i32.const 24) (i64.const 1000000000000000))
       (i32.store (i32.const 16) (i32.const 1))
       (loop $again (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128))) (br $again))))`,
);

/** Yields for ever. */
const YIELDER = assemble(
  "yielder.wat",
  `(module (import "wasi_snapshot_preview1" "sched_yield" (func $yield (result i32)))
     (memory (export "memory") 1)
     (func (export "_start") (loop $again (drop (call $yield)) (br $again))))`,
);

/** Asks for the time for ever: a call that never waits. */
const CLOCK_WATCHER = assemble(
  "clock.wat",
  `(module (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
     (import "host" "tick" (func $tick))
     (memory (export "memory") 1)
     (func (export "_start") (loop $again
       (drop (call $clock (i32.const 1) (i64.const 0) (i32.const 0))) (call $tick) (br $again))))`,
);

let hello: string;

beforeAll(async () => {
  hello = await goGuest("hello");
});

describe("a module", () => {
  test("is named by a path, a file: URL, as URL or text, or given as bytes", async () => {
    const url = pathToFileURL(hello);
    const bytes = bytesOf(hello);
    for (
      const source of [
        hello,
        url,
        url.href,
        bytes,
        bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
      ]
    ) {
      expect((await run(source, { stdout: "text" })).stdout).toBe("Hello, WASI\n");
      expect(runSync(source, { stdout: "text" }).stdout).toBe("Hello, WASI\n");
    }
  });

  test("that is compiled runs again and again, each time anew", async () => {
    const module = await WebAssembly.compile(bytesOf(await goGuest("env")));
    for (let i = 0; i < 5; i++) {
      const { stdout } = await run(module, { args: [String(i)], stdout: "text" });
      expect(JSON.parse(stdout)).toMatchObject({ args: ["main.wasm", String(i)] });
      expect(runSync(module, { argv0: "x", stdout: "text" }).stdout).toContain('"args":["x"]');
    }
  });

  test("is fetched from a URL, or is a response", async () => {
    const server = http.createServer((request, response) => {
      if (request.url === "/app.wasm?v=1") response.end(bytesOf(hello));
      else response.writeHead(404).end("not here");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      expect((await run(`${base}/app.wasm?v=1`, { stdout: "text" })).stdout).toBe("Hello, WASI\n");
      expect((await run(new URL(`${base}/app.wasm?v=1`), { stdout: "text" })).stdout).toBe("Hello, WASI\n");
      expect((await run(await fetch(`${base}/app.wasm?v=1`), { stdout: "text" })).stdout).toBe("Hello, WASI\n");
      await expect(run(`${base}/other.wasm`)).rejects.toThrow(/Cannot fetch .*other\.wasm.*404/);
      await expect(run(`${base}/other.wasm`)).rejects.toThrow(ModuleError);
      expect(() => runSync(`${base}/app.wasm?v=1`)).toThrow(TypeError);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
    await expect(run(`${base}/app.wasm?v=1`)).rejects.toThrow(ModuleError);
  });

  test("that can't be run is a ModuleError that says why", async () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-bad-"));
    const cases: [string | Uint8Array<ArrayBuffer>, RegExp][] = [
      ["/there/is/no/such.wasm", /no such file/],
      [folder, /directory/],
      [new Uint8Array(0), /empty/],
      [new TextEncoder().encode("(module)"), /not WebAssembly.*text/],
      [bytesOf(hello).slice(0, 100_000), /Cannot compile/],
      [await watGuest("unknown_import"), /"oracle" "ask".*\(i32, i64, f32, f64\) -> i32/],
      [await watGuest("nostart"), /_start.*_initialize/],
      [await watGuest("nomemory"), /memory/],
    ];
    try {
      for (const [source, message] of cases) {
        const error = await run(source, { stdout: "null" }).catch((error: unknown) => error);
        expect(error).toBeInstanceOf(ModuleError);
        expect((error as Error).message).toMatch(message);
        expect(() => runSync(source, { stdout: "null" })).toThrow(message);
      }
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

describe("a guest ends", () => {
  test("with its exit code, all 32 bits of it", async () => {
    for (const code of [0, 1, 7, 125, 255, 256, 65536, 0x7fffffff]) {
      expect(await run(EXIT(code))).toEqual({ exitCode: code });
      expect(runSync(EXIT(code))).toEqual({ exitCode: code });
    }
    expect(await run(EXIT(-1))).toEqual({ exitCode: 0xffffffff });
  });

  test("by a signal that it raises", async () => {
    const raise = (signal: number): Uint8Array<ArrayBuffer> =>
      assemble(
        "raise.wat",
        `(module (import "wasi_snapshot_preview1" "proc_raise" (func $raise (param i32) (result i32)))
           (memory (export "memory") 1) (func (export "_start") (drop (call $raise (i32.const ${signal})))))`,
      );
    expect(await run(raise(15))).toEqual({ exitCode: 143, signal: 15 });
    expect(runSync(raise(6))).toEqual({ exitCode: 134, signal: 6 });
    expect(await run(raise(17))).toEqual({ exitCode: 0 });
    expect(WasiSignal).toBeTypeOf("function");
  });

  test("by a trap, with a stack of its own function names", async () => {
    for (const start of [run, (source: string) => Promise.resolve(source).then((path) => runSync(path))] as const) {
      const error = await start(await watGuest("trap")).catch((error: unknown) => error) as TrapError;
      expect(error).toBeInstanceOf(TrapError);
      expect(error.message).toMatch(/unreachable/i);
      expect(error.guestStack.map((frame) => frame.split(" ")[0])).toEqual(["innermost", "middle", "main"]);
      expect(error.cause).toBeInstanceOf(WebAssembly.RuntimeError);
    }
  });

  test("by a trap of C, with the names of C", async () => {
    const error = await run(await cGuest("trap"), { stdout: "null" }).catch((error: unknown) => error) as TrapError;
    const names = error.guestStack.map((frame) => frame.split(" ")[0]);
    expect(names.slice(0, 2)).toEqual(["fall", "stumble"]);
  });

  test("by calls that are nested too deep", async () => {
    const module = assemble(
      "deep.wat",
      `(module (memory (export "memory") 1)
         (func $f (param i32) (result i32) (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (local.get 0)))
         (func (export "_start") (drop (call $f (i32.const 0)))))`,
    );
    const error = await run(module).catch((error: unknown) => error) as TrapError;
    expect(error).toBeInstanceOf(TrapError);
    expect(error.message).toMatch(/too deep/);
    expect(error.guestStack[0]).toMatch(/^f\b/);
  });

  test("and what it wrote before is in the result; with a trap it is lost, but the sink has it", async () => {
    const chunks: Uint8Array[] = [];
    const stdout = new WritableStream<Uint8Array>({ write: (chunk) => void chunks.push(chunk.slice()) });
    await expect(run(await cGuest("trap"), { stdout })).rejects.toThrow(TrapError);
    expect(Buffer.concat(chunks).toString()).toBe("about to trap\n");
  });
});

describe("while a guest runs", () => {
  test("and sleeps, the event loop of the host goes on", async () => {
    let said = "";
    const stdout = new WritableStream<Uint8Array>({ write: (bytes) => void (said += new TextDecoder().decode(bytes)) });
    // The input of a guest that sleeps between its ticks ends by timers of the host.
    const stdin = new ReadableStream<Uint8Array>({
      start: async (controller) => {
        await until(() => said.includes("tick"));
        for (let i = 0; i < 5; i++) await sleep(5);
        controller.close();
      },
    });
    expect(await run(await goGuest("ticker"), { stdin, stdout })).toMatchObject({ exitCode: 0 });
    expect(await run(await goGuest("signalnotify"), { stdout: "null" })).toMatchObject({ exitCode: 0 });
  });

  test("another one does: two guests interleave", async () => {
    const order: string[] = [];
    const guest = await WebAssembly.compile(bytesOf(await goGuest("ticker")));
    // One after the other would be a single switch.
    const switches = (): number => order.filter((name, i) => i > 0 && name !== order[i - 1]).length;
    const start = async (name: string): Promise<void> => {
      const stdin = new ReadableStream<Uint8Array>({
        async start(controller) {
          await until(() => switches() > 1);
          controller.close();
        },
      });
      const stdout = new WritableStream<Uint8Array>({ write: () => void order.push(name) });
      await run(guest, { stdin, stdout });
    };
    await Promise.all([start("a"), start("b")]);
    expect(switches()).toBeGreaterThan(1);
  });

  test("many do: 50 that sleep 100 ms at the same time take far less than 5 s", async () => {
    const module = await WebAssembly.compile(bytesOf(await watGuest("spin")));
    const startMs = performance.now();
    const results = await Promise.all(Array.from({ length: 50 }, () => run(module)));
    expect(results.every(({ exitCode }) => exitCode === 0)).toBe(true);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });

  test("runSync blocks, and is done when it returns", async () => {
    const startMs = performance.now();
    const { stdout } = runSync(await goGuest("sleep"), { stdout: "text" });
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("ok");
    expect(performance.now() - startMs).toBeGreaterThan(100);
  });
});

describe("an AbortSignal", () => {
  async function endsSoon(start: (signal: AbortSignal) => Promise<unknown>): Promise<void> {
    const reason = new Error("enough");
    const controller = new AbortController();
    const startMs = performance.now();
    const ended = start(controller.signal).then(() => "it ended by itself", (error: unknown) => error);
    setTimeout(() => controller.abort(reason), 50);
    expect(await ended).toBe(reason);
    expect(performance.now() - startMs).toBeLessThan(50_000);
  }

  test("ends a guest that sleeps", async () => {
    await endsSoon((signal) => run(SLEEPER, { signal }));
  });

  test("ends a guest that waits for stdin", async () => {
    const stdin = new ReadableStream<Uint8Array>();
    const cat = await goGuest("cat");
    await endsSoon((signal) => run(cat, { stdin, stdout: "null", signal }));
    const c = await cGuest("cat");
    await endsSoon((signal) => run(c, { stdin: new ReadableStream(), stdout: "null", signal }));
  });

  test("ends a guest that waits for a slow sink", async () => {
    const stdout = new WritableStream<Uint8Array>({ write: () => sleep(100_000, undefined, { ref: false }) });
    const epipe = await goGuest("epipe");
    const reason = new Error("enough");
    const controller = new AbortController();
    setTimeout(() => controller.abort(reason), 50);
    const ended = run(epipe, { stdout, signal: controller.signal }).catch((error: unknown) => error);
    expect(await Promise.race([ended, sleep(50_000, "still there", { ref: false })])).toBe(reason);
  });

  test("ends a guest that only yields", async () => {
    await endsSoon((signal) => run(YIELDER, { signal }));
  });

  test("ends a guest that never waits, when the host aborts it within a call", async () => {
    const controller = new AbortController();
    let calls = 0;
    const imports = { host: { tick: () => ++calls === 1000 && controller.abort("enough") } };
    await expect(run(CLOCK_WATCHER, { signal: controller.signal, imports })).rejects.toBe("enough");
    expect(calls).toBeLessThan(1010);
  });

  test("that is aborted already keeps a guest from starting", async () => {
    const signal = AbortSignal.abort("never");
    await expect(run(hello, { signal, stdout: "null" })).rejects.toBe("never");
    expect(() => runSync(hello, { signal, stdout: "null" })).toThrow("never");
    await expect(instantiate(hello, { signal })).rejects.toBe("never");
  });

  test("is refused by runSync, which can't hear of an abort", () => {
    const { signal } = new AbortController();
    expect(() => runSync(hello, { signal, stdout: "null" })).toThrow(
      "Cannot use options.signal: the guest can't be suspended: runSync blocks the thread. Use run or instantiate",
    );
    expect(() => runSync(hello, { signal, stdout: "null" })).toThrow(TypeError);
  });

  test("aborted while the module is loaded keeps a guest from starting", async () => {
    const controller = new AbortController();
    const module = Promise.resolve(bytesOf(hello)).then((bytes) => {
      controller.abort("meanwhile");
      return bytes;
    });
    await expect(run(module, { signal: controller.signal })).rejects.toBe("meanwhile");
  });

  test("of a timeout ends a guest", async () => {
    const error = await run(SLEEPER, { signal: AbortSignal.timeout(50) }).catch((error: unknown) => error);
    expect((error as Error).name).toBe("TimeoutError");
  });

  test("that is aborted afterwards does nothing", async () => {
    const controller = new AbortController();
    expect((await run(hello, { signal: controller.signal, stdout: "null" })).exitCode).toBe(0);
    controller.abort();
  });
});

describe("wrong options are a TypeError that says what to write", () => {
  const wrong: [string, Record<string, unknown>, RegExp][] = [
    ["a relative path of the guest", { preopens: { "data": "/" } }, /absolute.*"\/data"/],
    ["a string as stdin", { stdin: "some text" }, /\{ text \}/],
    ["a number as stdin", { stdin: 5 }, /stdin/],
    ["an unknown output", { stdout: "pipe" }, /"inherit", "null"/],
    ["a ReadableStream as output", { stderr: new ReadableStream() }, /options\.stderr/],
  ];
  for (const [name, options, message] of wrong) {
    test(name, async () => {
      const error = await run(hello, options as object).catch((error: unknown) => error) as Error;
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toMatch(message);
      expect(() => runSync(hello, options as object)).toThrow(message);
    });
  }

  test("a directory that is not there is an error, and no descriptor stays open", async () => {
    await expect(run(hello, { preopens: { "/a": "/", "/b": "/there/is/none" }, stdout: "null" })).rejects.toThrow();
  });

  test("so few files that the guest can't even start", async () => {
    await expect(run(hello, { maxOpenFiles: 2, stdout: "null" })).rejects.toThrow(/maxOpenFiles/);
  });
});
