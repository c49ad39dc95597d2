/** The command runs components as it runs modules. */

import * as fs from "node:fs";
import * as os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cComponent, goComponent, watComponent, witComponent } from "../tools/component_guests.ts";
import { wasirun } from "../tools/wasirun.ts";

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-component-"));
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

describe("a component", () => {
  test("reads standard input and writes standard output", async () => {
    const { stdout, status } = await wasirun([await cComponent("cat")], { stdin: { text: "some text" } });
    expect({ stdout, status }).toEqual({ stdout: "some text", status: 0 });
  });

  test("of Go, and one that uses files", async () => {
    expect((await wasirun([await goComponent("hello")])).stdout).toBe("Hello, WASI\n");
    const { status, stderr } = await wasirun(["--dir", `${folder}::/`, await witComponent("calls")]);
    expect(status).toBe(0);
    expect(stderr.split("\n").map((line) => line.split("\t")[0])).toContain("descriptor.stat-at");
    expect(fs.statSync(join(folder, "bench.tmp")).size).toBe(65536);
  });

  test("has the exit status of its exit code, of an error, and of a trap", async () => {
    expect((await wasirun([await watComponent("exit")])).status).toBe(42);
    expect((await wasirun([await watComponent("fails")])).status).toBe(1);
    const { status, stderr } = await wasirun([await watComponent("trap")]);
    expect(status).toBe(134);
    expect(stderr).toMatch(/^wasirun: The guest trapped: [^]*inner/);
  });

  test("is traced", async () => {
    const { stdout, stderr } = await wasirun(["--trace", await witComponent("hello")]);
    expect(stdout).toBe("hello from a component\n");
    expect(stderr).toContain("wasi:io/streams#output-stream.blocking-write-and-flush(1, 23 bytes) => ok\n");
  });

  test.each([
    ["--listen", "http=127.0.0.1:8080", "let it listen by itself, with --allow-net listen:127.0.0.1:8080"],
    ["--listen", ":80", "let it listen by itself, with --allow-net listen:0.0.0.0:80"],
    ["--dial", "[::1]:8080", "let it connect by itself, with --allow-net connect:[::1]:8080"],
    ["--dial", "unix:/tmp/socket", "it has no unix sockets"],
    ["--sockets", "auto", "it has the sockets of wasi:sockets; leave it out"],
  ])("can't be used with %s %s", async (option, value, advice) => {
    const { status, stderr } = await wasirun([option, value, await watComponent("exit")]);
    expect(status).not.toBe(42);
    expect(stderr).toMatch(new RegExp(`^wasirun: Cannot use ${option} `));
    expect(stderr).toContain(advice);
  });

  test("that lacks an import is refused with the import's name", async () => {
    const { status, stderr } = await wasirun([await witComponent("library")]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/it imports the interface host of the package test:library, version 1\.2\.0/);
  });
});
