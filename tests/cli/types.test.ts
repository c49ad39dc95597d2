/** `wasirun types` */

import * as fs from "node:fs";
import * as os from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { witComponent } from "../tools/component_guests.ts";
import { wasirun } from "../tools/wasirun.ts";
import { assemble } from "../tools/wat.ts";

let folder: string;

beforeAll(() => {
  folder = fs.mkdtempSync(join(os.tmpdir(), "wasirun-types-"));
  fs.writeFileSync(join(folder, "module.wasm"), assemble("module.wat", '(module (func (export "f") (param i64)))'));
});

afterAll(() => fs.rmSync(folder, { recursive: true }));

describe("wasirun types", () => {
  test("prints the declarations of a component", async () => {
    const { stdout, stderr, status } = await wasirun(["types", await witComponent("library")]);
    expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
    expect(stdout).toContain('"test:library/host@1.2.0": TestLibraryHost;');
    expect(stdout).toContain("  checkedDivide(a: number, b: number): number;");
  });

  test("writes those of a module to a file, or prints those of standard input", async () => {
    const output = join(folder, "module.d.ts");
    const written = await wasirun(["types", "-o", output, join(folder, "module.wasm")]);
    expect(written).toMatchObject({ stdout: "", stderr: "", status: 0 });
    expect(fs.readFileSync(output, "utf8")).toContain("  f(p0: bigint): void;");
    const stdin = new Uint8Array(fs.readFileSync(join(folder, "module.wasm")));
    expect((await wasirun(["types", "-"], { stdin })).stdout).toContain("  f(p0: bigint): void;");
  });

  test("has a help of its own", async () => {
    expect((await wasirun(["types", "--help"])).stdout).toMatch(/^wasirun types - /);
  });

  test.each([
    [["types"], 2, "Cannot print types: no module is given"],
    [["types", "a.wasm", "b.wasm"], 2, "Cannot print types: name one module only"],
    [
      ["types", "--out", "a.d.ts", "b.wasm"],
      2,
      "Cannot read the options of wasirun types: unknown or unexpected option",
    ],
    [["types", "no.wasm"], 1, "Cannot read no.wasm: there is no such file"],
    [["types", "package.json"], 1, "Cannot read the types of package.json: it is not WebAssembly"],
  ])("refuses %j", async (args, expected, message) => {
    const { stdout, stderr, status } = await wasirun(args);
    expect({ stdout, status }).toEqual({ stdout: "", status: expected });
    expect(stderr).toContain(`wasirun: ${message}`);
  });

  test("says why the file can't be written", async () => {
    const output = join(folder, "missing", "guest.d.ts");
    const { stderr, status } = await wasirun(["types", "-o", output, join(folder, "module.wasm")]);
    expect(status).toBe(1);
    expect(stderr).toContain(`wasirun: Cannot write ${output}: `);
  });
});
