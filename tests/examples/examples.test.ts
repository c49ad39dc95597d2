import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { beforeAll, describe, expect, test } from "vitest";
import { exampleGuest } from "../tools/guests.ts";
import { ROOT, RUNTIME, runtimeCommand, startCommand, wasirun, type WasirunResult } from "../tools/wasirun.ts";

const EXAMPLES = join(ROOT, "examples");

/** What `go run` and `go test` need beside what every command gets. */
const GO_VARIABLES = ["GOCACHE", "GOMODCACHE", "GOPATH", "GOROOT", "GOTOOLCHAIN", "GOPROXY"];

async function program(...path: string[]): Promise<WasirunResult> {
  const script = join(EXAMPLES, ...path);
  return await startCommand(runtimeCommand(script)).ended;
}

describe("each example runs on this runtime", () => {
  beforeAll(async () => {
    for (const name of ["hello", "reactor", "memfs", "custom_imports", "serve"]) await exampleGuest(name);
  });

  test("there is a test here for each", () => {
    const names = fs.readdirSync(EXAMPLES, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((
      { name },
    ) => name);
    expect(names.sort()).toEqual(["custom_imports", "go_test", "hello", "library", "memfs", "reactor", "serve"]);
  });

  test("hello, through the command", async () => {
    const result = await wasirun([join(EXAMPLES, "hello", "hello.wasm"), "Ada", "Grace"]);
    expect(result).toMatchObject({
      status: 0,
      stdout: "Hello from Go on wasip1/wasm!\nHello, Ada!\nHello, Grace!\n",
      stderr: "",
    });
  });

  test("library", async () => {
    const output = JSON.stringify("Hello from Go on wasip1/wasm!\nHello, Ada!\n");
    expect(await program("library", "run.ts")).toMatchObject({
      status: 0,
      stdout: `exit code: 0\noutput: ${output}\n`,
      stderr: "",
    });
  });

  test("reactor", async () => {
    const { status, stdout, stderr } = await program("reactor", "host.ts");
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout.split("\n").slice(1)).toEqual([
      "40 + 2 = 42",
      "counted: 11",
      "the host's timer ran while the guest slept: true",
      "",
    ]);
    expect(stdout).toMatch(/^exports: .*\badd\b.*\bcount\b.*\bpause\b/);
  });

  test("memfs", async () => {
    expect(await program("memfs", "host.ts")).toMatchObject({
      status: 0,
      stdout: "exit code: 0\napple\npear\nquince\n\n",
      stderr: "",
    });
  });

  test("custom_imports", async () => {
    expect(await program("custom_imports", "host.ts")).toMatchObject({
      status: 0,
      stdout: "tea: 2.40 €\nrocket: not sold here\ntogether: 42\nexit code: 0\n",
      stderr: "",
    });
  });

  // Deno warns on standard error of handlers that look at the signal of a request.
  test("serve", async () => {
    expect(await program("serve", "host.ts")).toMatchObject({
      status: 0,
      stdout: "request 1: GET /first\nrequest 2: PUT /second\nFROM THE GUEST\n",
    });
  });
});

describe("Go's own commands, through go_wasip1_wasm_exec on this runtime", () => {
  function go(args: readonly string[], folder: string, env: Record<string, string> = {}): Promise<WasirunResult> {
    const inherited: Record<string, string> = {};
    for (const name of GO_VARIABLES) {
      const value = process.env[name];
      if (value !== undefined) inherited[name] = value;
    }
    return startCommand(["go", ...args], {
      cwd: folder,
      env: {
        ...inherited,
        GOOS: "wasip1",
        GOARCH: "wasm",
        PATH: `${join(ROOT, "bin")}:${process.env["PATH"] ?? ""}`,
        WASIRUN_RUNTIME: RUNTIME,
        ...env,
      },
      timeoutMs: 120_000,
    }).ended;
  }

  test("go version says that Go is there, which all the tests of guests need", () => {
    expect(execFileSync("go", ["version"]).toString()).toMatch(/^go version go1\.\d+/);
  });

  test("go test", async () => {
    const { status, stdout, stderr } = await go(["test", "-count=1", "-v", "./..."], join(EXAMPLES, "go_test"));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    for (const name of ["TestCount", "TestCountFile", "TestTemporaryDirectory"]) {
      expect(stdout).toContain(`--- PASS: ${name} `);
    }
    expect(stdout).toMatch(/wrote .* on wasip1/);
  }, 120_000);

  test("go test tells of a test that fails", async () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-go-"));
    try {
      fs.writeFileSync(join(folder, "go.mod"), "module failing\n\ngo 1.24\n");
      const lines = [
        "package failing",
        'import "testing"',
        'func TestFails(t *testing.T) { t.Fatal("as it should") }',
        "",
      ];
      fs.writeFileSync(join(folder, "failing_test.go"), lines.join("\n"));
      const { status, stdout } = await go(["test", "-count=1", "."], folder);
      expect(status).toBe(1);
      expect(stdout).toMatch(/--- FAIL: TestFails[^]*as it should/);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  }, 120_000);

  test("go run", async () => {
    const { status, stdout, stderr } = await go(["run", ".", "Ada"], join(EXAMPLES, "hello"));
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    expect(stdout).toBe("Hello from Go on wasip1/wasm!\nHello, Ada!\n");
  }, 120_000);

  test("an unknown runtime is told", async () => {
    const { status, stderr } = await go(["run", "."], join(EXAMPLES, "hello"), { WASIRUN_RUNTIME: "netscape" });
    expect(status).not.toBe(0);
    expect(stderr).toContain('Cannot use "netscape" of WASIRUN_RUNTIME: it takes deno, bun or node');
  }, 120_000);
});
