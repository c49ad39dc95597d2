import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { idleCommand } from "../tools/binary.ts";
import { goGuest, watGuest } from "../tools/guests.ts";
import { assemble } from "../tools/wat.ts";
import { RUNTIME, wasirun, type WasirunOptions, type WasirunResult } from "../tools/wasirun.ts";

/** Where nobody listens. */
const CLOSED = "http://127.0.0.1:2";

let folder: string;
let hello: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-bad-"));
  hello = await goGuest("hello");
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  fs.writeFileSync(path, content);
  return path;
}

/** One line for the user, without any stack of the host. */
function expectOneLine({ stderr }: WasirunResult): void {
  expect(stderr).toMatch(/^wasirun: Cannot [^\n]*\n$/);
  expect(stderr).not.toMatch(/\bat .*:\d+:\d+|node:internal|\bext:/);
}

async function expectFailure(
  args: readonly string[],
  parts: readonly (string | RegExp)[],
  options: WasirunOptions = {},
): Promise<void> {
  const result = await wasirun(args, options);
  for (const part of parts) expect(result.stderr).toMatch(part);
  expect({ status: result.status, stdout: result.stdout }).toEqual({ status: 1, stdout: "" });
  expectOneLine(result);
}

describe("a module that can't be run ends the command with 1 and says why", () => {
  test("no such file", async () => {
    await expectFailure([join(folder, "none.wasm")], ["none.wasm", "there is no such file"]);
    await expectFailure(["none.wasm"], ["Cannot read none.wasm", "there is no such file"]);
    await expectFailure([`file://${folder}/none.wasm`], ["none.wasm", "there is no such file"]);
  });

  test("a folder", async () => await expectFailure([folder], ["it is a directory", ".wasm file in it"]));

  test("an empty file", async () => await expectFailure([file("empty.wasm", "")], ["the file is empty"]));

  test("what is not WebAssembly", async () => {
    await expectFailure([file("text.wasm", "hello")], ["not WebAssembly", "\\0asm"]);
    await expectFailure([file("module.wat", "(module)")], ["looks like text", "wat2wasm"]);
    await expectFailure([file("script", "#!/bin/sh\n")], ["it is a script"]);
    await expectFailure([file("program", "\x7fELF\x02\x01")], ["native program", "GOOS=wasip1"]);
  });

  test("a truncated module, wherever it is cut", async () => {
    const bytes = fs.readFileSync(hello);
    for (const length of [1, 3]) {
      await expectFailure([file("cut.wasm", bytes.subarray(0, length))], [/not WebAssembly|truncated/]);
    }
    for (const length of [4, 7]) await expectFailure([file("cut.wasm", bytes.subarray(0, length))], ["truncated"]);
    for (const length of [9, 10, 11, 100, 5000, bytes.length >> 1, bytes.length - 1000]) {
      await expectFailure([file("cut.wasm", bytes.subarray(0, length))], ["cut.wasm", "truncated"]);
    }
  });

  test("one whose bytes were damaged", async () => {
    const bytes = Uint8Array.from(fs.readFileSync(await watGuest("exit")));
    bytes[9] = 0xff;
    await expectFailure([file("damaged.wasm", bytes)], ["Cannot compile", "damaged.wasm"]);
  });

  test("a component that is no command", async () => {
    const component = Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0);
    await expectFailure([file("component.wasm", component)], ["it exports nothing, and not wasi:cli/run"]);
  });

  test("an import that nobody provides, with its module, name and type", async () => {
    await expectFailure([await watGuest("unknown_import")], ['"oracle" "ask"', "function (i32, i64, f32, f64) -> i32"]);
    const js = assemble(
      "js.wat",
      '(module (import "gojs" "runtime.wasmExit" (func (param i32))) (memory (export "memory") 1) (func (export "_start")))',
    );
    await expectFailure([file("js.wasm", js)], ['"gojs" "runtime.wasmExit"', "GOOS=wasip1"]);
    const sock = assemble(
      "sock.wat",
      '(module (import "wasi_snapshot_preview1" "sock_open_ex" (func (param i32 i32 i32) (result i32))) (memory (export "memory") 1) (func (export "_start")))',
    );
    await expectFailure([file("sock.wasm", sock)], ['"sock_open_ex"', "socket extension"]);
    const other = assemble(
      "global.wat",
      '(module (import "env" "g" (global i32)) (memory (export "memory") 1) (func (export "_start")))',
    );
    await expectFailure([file("global.wasm", other)], ['"env" "g"', "global"]);
  });

  test("a memory of 64 bits, and what it declares beyond a bound", async () => {
    const wide = file("wide.wasm", idleCommand({ memories: [[4, 1]] }));
    await expectFailure([wide], ["64-bit addresses (memory64)", "build it for wasm32"]);
    const tables = file("tables.wasm", idleCommand({ tables: [[0x70, 0, 100]], memories: [[0, 2]] }));
    await expectFailure(["--max-table-elements=99", tables], ["100 elements of tables", "--max-table-elements"]);
    await expectFailure(["--max-memory=127K", tables], ["131072 bytes of memory", "--max-memory"]);
    expect(await wasirun(["--max-table-elements=100", "--max-memory=128K", tables])).toMatchObject({ status: 0 });
  });

  test("neither _start nor _initialize", async () => {
    await expectFailure([await watGuest("nostart")], ["_start", "_initialize", "WASI"]);
  });

  test("no exported memory", async () => await expectFailure([await watGuest("nomemory")], ['memory named "memory"']));

  test.skipIf(process.getuid?.() === 0)("a file that may not be read", async () => {
    const path = file("secret.wasm", "");
    fs.chmodSync(path, 0);
    await expectFailure([path], ["permission denied"]);
  });
});

describe("a directory that can't be mounted ends the command with 1 and says why", () => {
  test("no such directory", async () => {
    await expectFailure(["--dir", join(folder, "none"), hello], [
      "--dir",
      "there is no such directory",
      "make it first",
    ]);
  });

  test("a file", async () => await expectFailure(["--dir", file("file", ""), hello], ["--dir", "it is a file"]));

  test("a symbolic link in a circle", async () => {
    fs.symlinkSync("circle", join(folder, "circle"));
    await expectFailure(["--dir", join(folder, "circle"), hello], ["--dir", "circle"]);
  });

  test.skipIf(process.getuid?.() === 0)("one that may not be read", async () => {
    const path = join(folder, "locked");
    fs.mkdirSync(path, { mode: 0 });
    await expectFailure(["--dir", path, hello], ["--dir", "permission denied"]);
  });
});

describe("a module from elsewhere", () => {
  let server: http.Server;
  let base: string;

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      if (request.url === "/hello.wasm") {
        response.setHeader("content-type", "application/wasm").end(fs.readFileSync(hello));
      } else if (request.url === "/moved") response.writeHead(302, { location: "/hello.wasm" }).end();
      else if (request.url === "/page") response.end("<html>");
      else response.writeHead(404).end("not here");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test("is fetched from a URL", async () => {
    expect(await wasirun([`${base}/hello.wasm`])).toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
    expect(await wasirun([`${base}/moved`])).toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
    expect(await wasirun([`file://${hello}`])).toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
  });

  test("that is not there, or is none, is told with its URL", async () => {
    await expectFailure([`${base}/none.wasm`], [`${base}/none.wasm`, "404"]);
    await expectFailure([`${base}/page`], [`${base}/page`, "not WebAssembly"]);
    await expectFailure([`${CLOSED}/x.wasm`], [`Cannot fetch ${CLOSED}/x.wasm`]);
    await expectFailure(["nonsense://x/y.wasm"], ["nonsense://x/y.wasm"]);
  });

  test("- is read from standard input, and the guest's own input is at its end", async () => {
    const bytes = Uint8Array.from(fs.readFileSync(hello));
    expect(await wasirun(["-"], { stdin: bytes })).toMatchObject({ status: 0, stdout: "Hello, WASI\n" });
    const env = Uint8Array.from(fs.readFileSync(await goGuest("env")));
    const { stdout } = await wasirun(["-", "--flag", "-"], { stdin: env });
    expect(JSON.parse(stdout)).toMatchObject({ args: ["main.wasm", "--flag", "-"] });
    await expectFailure(["-"], ["empty"], { stdin: "null" });
    await expectFailure(["-"], ["not WebAssembly"], { stdin: { text: "hello" } });
  });
});

if (RUNTIME === "deno") {
  describe("without a permission Deno's command names the flag", () => {
    const FLAGS: readonly string[] = ["--no-prompt"];

    test("to read the module", async () => {
      await expectFailure([hello], ["--allow-read", "does not permit"], { denoFlags: FLAGS });
    });

    test("to read a mount", async () => {
      const denoFlags = [...FLAGS, `--allow-read=${hello}`];
      await expectFailure(["--dir", folder, hello], ["--allow-read"], { denoFlags });
    });

    test("to fetch", async () => {
      await expectFailure([`${CLOSED}/x.wasm`], ["--allow-net"], { denoFlags: [...FLAGS, "--allow-read"] });
    });

    test("to hand on the environment", async () => {
      const denoFlags = [...FLAGS, "--allow-read"];
      await expectFailure(["--env-inherit", hello], ["--allow-env"], { denoFlags });
      await expectFailure(["--env", "HOME", hello], ["--allow-env"], { denoFlags });
    });

    test("and runs with no more than it needs", async () => {
      const result = await wasirun([hello], { denoFlags: [...FLAGS, `--allow-read=${hello}`] });
      expect(result).toMatchObject({ status: 0, stdout: "Hello, WASI\n", stderr: "" });
      const mounted = await wasirun(["--dir", `${folder}:ro`, await goGuest("env")], {
        denoFlags: [...FLAGS, "--allow-read"],
      });
      expect(mounted.status).toBe(0);
    });
  });
}
