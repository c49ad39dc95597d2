import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";
import { instantiate, ModuleError, type ModuleSource, MountError, run, type RunOptions, runSync } from "wasirun";
import { memoryDirectory, virtualNetwork } from "wasirun/memory";
import { posix } from "wasirun/posix";
import { goGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";

const IDLE = assemble("idle.wat", '(module (memory (export "memory") 1) (func (export "_start")))');

/** The error of every way to start a guest, which must be the same. */
async function errorOf(source: unknown, options: unknown): Promise<Error> {
  const errors: Error[] = [];
  for (
    const start of [
      run,
      instantiate,
      async (...args: Parameters<typeof run>) => await Promise.resolve(runSync(...args)),
    ]
  ) {
    const error = await start(source as ModuleSource, options as RunOptions).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(Error);
    errors.push(error as Error);
  }
  expect(new Set(errors.map(({ name, message }) => `${name}: ${message}`)).size).toBe(1);
  return errors[0]!;
}

describe("an option of a wrong type is a TypeError that names it, and what it takes:", () => {
  test.each<[string, unknown, string]>([
    ["options", 5, "Cannot use 5 as options: pass an object"],
    ["args as text", { args: "one two" }, 'Cannot use "one two" as options.args: pass an array of strings'],
    ["an argument", { args: ["one", 3] }, "Cannot use 3 as options.args[1]: pass a string"],
    ["argv0", { argv0: 0 }, "Cannot use 0 as options.argv0: pass a string"],
    [
      "a variable",
      { env: { A: 1 } },
      "Cannot use 1 as options.env.A: pass a string, or undefined to leave the variable out",
    ],
    [
      "null as a variable",
      { env: { "a b": null } },
      'Cannot use null as options.env["a b"]: pass a string, or undefined',
    ],
    ["env as a Map", { env: new Map([["A", "1"]]) }, "Cannot use a Map as options.env: pass an object of strings"],
    ["env as a list", { env: ["A=1"] }, "Cannot use an array as options.env: pass an object of strings"],
    ["cwd", { cwd: new URL("file:///") }, "Cannot use a URL as options.cwd: pass a string"],
    ["preopens as a list", { preopens: ["."] }, "Cannot use an array as options.preopens: pass an object by paths"],
    ["preopens as text", { preopens: "." }, 'Cannot use "." as options.preopens: pass an object by paths in the guest'],
    ["a mount", { preopens: { "/": true } }, 'Cannot use true as options.preopens["/"]: pass a path of the host, or {'],
    [
      "a directory in place of a mount",
      { preopens: { "/data": memoryDirectory({}) } },
      'Cannot use a MemoryDirectory as options.preopens["/data"]: pass a path of the host, or { source, readOnly }',
    ],
    [
      "a source",
      { preopens: { "/": { source: 5 } } },
      'Cannot use 5 as options.preopens["/"].source: pass a path of the',
    ],
    [
      "readOnly misspelt",
      { preopens: { "/": { source: ".", readonly: true } } },
      'Cannot use options.preopens["/"].readonly: a mount has source and readOnly',
    ],
    [
      "readOnly",
      { preopens: { "/": { source: ".", readOnly: "no" } } },
      'Cannot use "no" as options.preopens["/"].readOnly',
    ],
    [
      "a path in the guest",
      { preopens: { data: "." } },
      'Cannot mount at "data": a path in the guest is absolute; write "/data"',
    ],
    [
      "stdin as text",
      { stdin: "some input" },
      'Cannot use "some input" as options.stdin: pass "inherit", "null", bytes, { text }',
    ],
    ["no stdin", { stdin: null }, "Cannot use null as options.stdin"],
    [
      "stdout",
      { stdout: "string" },
      'Cannot use "string" as options.stdout: pass "inherit", "null", "bytes", "text" or',
    ],
    ["stderr", { stderr: new Date() }, "Cannot use a Date as options.stderr"],
    ["nonBlockingStdio", { nonBlockingStdio: 1 }, "Cannot use 1 as options.nonBlockingStdio: pass true or false"],
    ["preventClose", { preventClose: "" }, 'Cannot use "" as options.preventClose: pass true or false'],
    ["maxOpenFiles", { maxOpenFiles: 2 }, "Cannot use 2 as options.maxOpenFiles: pass a number of at least 3"],
    [
      "maxMemoryBytes",
      { maxMemoryBytes: "1G" },
      'Cannot use "1G" as options.maxMemoryBytes: pass a number of at least 0',
    ],
    ["maxTableElements", { maxTableElements: NaN }, "Cannot use NaN as options.maxTableElements: pass a number"],
    ["maxCapturedBytes", { maxCapturedBytes: -1 }, "Cannot use -1 as options.maxCapturedBytes: pass a number"],
    ["imports", { imports: [] }, "Cannot use an array as options.imports: pass an object of modules, or a function"],
    [
      "a module of imports",
      { imports: { env: null } },
      "Cannot use null as options.imports.env: pass an object of functions",
    ],
    [
      "imports that come later",
      { imports: async () => await Promise.resolve({}) },
      "Cannot use a Promise as options.imports: pass an object of modules",
    ],
    ["onMissingPreopen", { onMissingPreopen: "log" }, 'Cannot use "log" as options.onMissingPreopen: pass a function'],
    ["trace", { trace: true }, "Cannot use true as options.trace: pass a function"],
    ["platform", { platform: "posix" }, 'Cannot use "posix" as options.platform: pass a platform, such as posix()'],
    [
      "a platform that was not called",
      { platform: posix },
      "Cannot use a function as options.platform: call it, such as posix()",
    ],
    [
      "signal",
      { signal: new AbortController() },
      "Cannot use an AbortController as options.signal: pass an AbortSignal",
    ],
    ["net", { net: true }, "Cannot use true as options.net: pass an object"],
    ["net.allow", { net: { allow: "*" } }, 'Cannot use "*" as options.net.allow: pass true, or an array of rules'],
    ["a rule", { net: { allow: [8080] } }, "Cannot use 8080 as options.net.allow[0]: pass a string"],
    [
      "net.listen",
      { net: { listen: "127.0.0.1:0" } },
      'Cannot use "127.0.0.1:0" as options.net.listen: pass an array of strings',
    ],
    [
      "net.sockets",
      { net: { sockets: "wasix" } },
      'Cannot use "wasix" as options.net.sockets: pass "none" or "auto" or',
    ],
    ["net.network", { net: { network: {} } }, "Cannot use an object as options.net.network: pass virtualNetwork()"],
  ])("%s", async (_, options, message) => {
    const error = await errorOf(IDLE, options);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toContain(message);
  });
});

test("options that are undefined are as if they were not there", async () => {
  const names = ["args", "argv0", "env", "preopens", "cwd", "stdin", "stdout", "stderr", "imports", "platform", "net"];
  const options = Object.fromEntries(names.map((name) => [name, undefined])) as RunOptions;
  expect(await run(IDLE, options)).toEqual({ exitCode: 0 });
});

test("an environment may be that of the process; what is undefined is left out", async () => {
  const guest = await goGuest("env");
  const { stdout } = await run(guest, { env: { A: "1", B: undefined }, stdout: "text" });
  expect(stdout).toContain("A=1");
  expect(stdout).not.toContain("B=");
  expect((await run(guest, { env: process.env, stdout: "text" })).exitCode).toBe(0);
  expect(runSync(guest, { env: { PATH: process.env["PATH"] }, stdout: "text" }).stdout).toContain("PATH=");
});

describe("a directory that can't be mounted is a MountError", () => {
  test.each([["of the runtime", undefined], ["posix", posix()]])("on the platform %s", async (_, platform) => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-mount-"));
    const file = join(folder, "file");
    fs.writeFileSync(file, "");
    const options = platform === undefined ? {} : { platform };
    try {
      for (
        const [source, why] of [
          [join(folder, "nope"), "there is no such directory; make it first"],
          [file, "it is a file; name the directory that it is in"],
        ] as const
      ) {
        const error = await errorOf(IDLE, { ...options, preopens: { "/a/../data": source } });
        expect(error).toBeInstanceOf(MountError);
        expect(error.message).toBe(`Cannot mount ${source} at /data: ${why}`);
        expect(error.cause).toBeInstanceOf(Error);
      }
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });
});

test("a virtual network is accepted as it is, and so is its network", async () => {
  for (const make of [virtualNetwork, () => virtualNetwork().network]) {
    expect(await run(IDLE, { net: { allow: true, network: make() } })).toEqual({ exitCode: 0 });
  }
});

describe("a module", () => {
  test("may be a Blob, a File, a response or a promise of what else it may be", async () => {
    const path = await goGuest("hello");
    const bytes = new Uint8Array(fs.readFileSync(path));
    const response = (): Response => new Response(bytes, { headers: { "content-type": "application/wasm" } });
    const sources: [ModuleSource, string][] = [
      [new Blob([bytes]), "main.wasm"],
      [new File([bytes], "app.wasm"), "app.wasm"],
      [response(), "main.wasm"],
      [Promise.resolve(response()), "main.wasm"],
      [Promise.resolve(bytes), "main.wasm"],
      [fs.promises.readFile(path).then((buffer) => new Uint8Array(buffer)), "main.wasm"],
      [Promise.resolve(path), "hello.wasm"],
      [WebAssembly.compile(bytes), "main.wasm"],
    ];
    const { Bun } = globalThis as { readonly Bun?: { file(path: string): Blob } };
    if (Bun !== undefined) sources.push([Bun.file(path), "hello.wasm"]);
    for (const [source] of sources) {
      expect(await run(source, { stdout: "text" })).toEqual({ exitCode: 0, stdout: "Hello, WASI\n" });
    }
  });

  test("that is nothing of the kind is a TypeError that says what to pass", async () => {
    const message = (what: string): string =>
      `Cannot load ${what} as a module: pass its path, URL or bytes, a Blob, a Response, a promise of one of these, or a ` +
      "WebAssembly.Module";
    for (
      const [source, what] of [
        [undefined, "undefined"],
        [null, "null"],
        [5, "5"],
        [{}, "an object"],
        [[0, 97, 115, 109], "an array"],
        [new DataView(new ArrayBuffer(8)), "a DataView"],
        [() => {}, "a function"],
      ] as const
    ) {
      const error = await errorOf(source, {});
      expect(error).toBeInstanceOf(TypeError);
      expect(error.message).toBe(message(what));
    }
    expect((await errorOf("", {})).message).toBe("Cannot load a module: its path is empty");
    expect((await errorOf("https://", {})).message).toBe("Cannot load https://: it is not a valid URL");
  });

  test("that comes later is refused by runSync", () => {
    for (const source of [new Blob([IDLE]), new Response(IDLE), Promise.resolve(IDLE)]) {
      expect(() => runSync(source as ModuleSource)).toThrow(
        /^Cannot load a.* synchronously: use run, or await it and pass/,
      );
      expect(() => runSync(source as ModuleSource)).toThrow(TypeError);
    }
  });

  test("whose promise is rejected, or whose response is used up, is a ModuleError", async () => {
    const reason = new Error("no way");
    const rejected = await run(Promise.reject(reason)).catch((error: unknown) => error) as Error;
    expect(rejected).toBeInstanceOf(ModuleError);
    expect(rejected).toMatchObject({
      message: "Cannot load the module: the promise of it was rejected: no way",
      cause: reason,
    });
    const response = new Response(IDLE);
    await response.arrayBuffer();
    await expect(run(response)).rejects.toThrow(/^Cannot read the response of the module: /);
    await expect(run(response)).rejects.toThrow(ModuleError);
  });
});
