/** `--invoke` */

import * as fs from "node:fs";
import * as os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { watComponent } from "../tools/component_guests.ts";
import { wasirun } from "../tools/wasirun.ts";
import { assemble } from "../tools/wat.ts";

const MODULE = `(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (global $ready (mut i64) (i64.const 0))
  (func (export "_initialize") (global.set $ready (i64.const 40)))
  (func (export "add") (param i64 i32) (result i64)
    (i64.add (global.get $ready) (i64.add (local.get 0) (i64.extend_i32_s (local.get 1)))))
  (func (export "leave") (param i32) (call $exit (local.get 0))))`;

let folder: string;
let module: string;
let component: string;

beforeAll(async () => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-invoke-"));
  module = join(folder, "module.wasm");
  fs.writeFileSync(module, assemble("module.wat", MODULE));
  component = await watComponent("invoked");
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

describe("--invoke of a module", () => {
  test.each([
    [["add(1, 1)"], "42\n", 0],
    [["add", "-1", "-1"], "38\n", 0],
    [["leave(7)"], "", 7],
  ])("%j", async ([call = "", ...words], stdout, status) => {
    expect(await wasirun(["--invoke", call, module, ...words])).toMatchObject({ stdout, stderr: "", status });
  });
});

describe("--invoke of a component", () => {
  test.each([
    ["add(4294967295, 1)", "0\n", 0],
    [`echo("ä \\n")`, `"ä \\n"\n`, 0],
    ["half(8)", "ok(4)\n", 0],
    ["test:pkg/api#half(8)", "ok(4)\n", 0],
    ["test:pkg/api@1.0.0#half(7)", `err("odd")\n`, 1],
  ])("%s", async (call, stdout, status) => {
    expect(await wasirun(["--invoke", call, component])).toMatchObject({ stdout, stderr: "", status });
  });

  test("that traps has the status of a trap", async () => {
    const { status, stderr } = await wasirun(["--invoke=trap", component]);
    expect(status).toBe(134);
    expect(stderr).toMatch(/^wasirun: The guest trapped: /);
  });
});

describe("--invoke", () => {
  test.each([
    [
      "sub(1)",
      "Cannot use --invoke 'sub(1)': Cannot find an exported function sub: choose of add, echo, trap, test:pkg/",
    ],
    ["add(1)", "Cannot use --invoke 'add(1)': the argument b is missing"],
    ["add(1, -1)", "Cannot use --invoke 'add(1, -1)': -1 is out of the range of u32 (at character 7)"],
    ["echo(you)", `Cannot use --invoke 'echo(you)': expected a string in ", found "you)"`],
  ])("%s is refused", async (call, message) => {
    const { status, stdout, stderr } = await wasirun(["--invoke", call, component]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toContain(message);
  });
});
