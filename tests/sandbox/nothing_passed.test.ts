import fs from "node:fs";
import os from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run, runSync } from "wasirun";
import { goGuest } from "../tools/guests.ts";

interface Seen {
  readonly args: string[];
  readonly env: string[];
  readonly cwd: string;
}

let guest: string;

beforeAll(async () => {
  guest = await goGuest("env");
  process.env["WASIRUN_TEST_SECRET"] = "secret";
});

afterAll(() => {
  delete process.env["WASIRUN_TEST_SECRET"];
});

describe("a guest that is given nothing", () => {
  test("sees no environment and no arguments but its name", async () => {
    const { stdout } = await run(guest, { stdout: "text" });
    expect(JSON.parse(stdout)).toMatchObject({ args: ["env.wasm"], env: [] });
    expect(JSON.parse(runSync(guest, { stdout: "text" }).stdout)).toMatchObject({ args: ["env.wasm"], env: [] });
  });

  test("knows nothing of where the module was", async () => {
    const { stdout } = await run(new Uint8Array(fs.readFileSync(guest)), { stdout: "text" });
    expect((JSON.parse(stdout) as Seen).args).toEqual(["main.wasm"]);
    expect(stdout).not.toContain(process.cwd());
  });

  test("reads nothing from the standard input of the process", async () => {
    const { stdout, exitCode } = await run(await goGuest("cat"), { stdout: "text" });
    expect({ stdout, exitCode }).toEqual({ stdout: "", exitCode: 0 });
  });
});

describe("a guest that is given something", () => {
  test("sees that, and nothing else", async () => {
    const folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-given-"));
    try {
      const { stdout } = await run(guest, {
        args: ["one", "", "drei ü"],
        argv0: "program",
        env: { NAME: "value", EMPTY: "", "ÜBER": "=a=b" },
        preopens: { "/data/here": folder },
        stdout: "text",
      });
      const { args, env, cwd } = JSON.parse(stdout) as Seen;
      expect(args).toEqual(["program", "one", "", "drei ü"]);
      expect([...env].sort()).toEqual(["EMPTY=", "NAME=value", "PWD=/data/here", "ÜBER==a=b"]);
      expect(cwd).toBe("/data/here");
      expect(stdout).not.toContain(folder);
    } finally {
      fs.rmSync(folder, { recursive: true });
    }
  });

  test("can't be given what would be read as something else", async () => {
    for (const env of [{ "A=B": "c" }, { "": "c" }, { "A\0B": "c" }, { A: "b\0C=d" }]) {
      await expect(run(guest, { env, stdout: "null" })).rejects.toThrow(TypeError);
    }
    await expect(run(guest, { args: ["a\0b"], stdout: "null" })).rejects.toThrow(TypeError);
    await expect(run(guest, { argv0: "a\0b", stdout: "null" })).rejects.toThrow(TypeError);
  });
});
