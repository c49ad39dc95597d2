/** When foreign calls are made without being asked for: where the runtime limits nothing that they could do. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { RUNTIME } from "../tools/wasirun.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const SCRIPT = join(import.meta.dirname, "foreign_calls_process.ts");

/** Flags, and whether foreign calls are made under them. */
const CASES: Readonly<Record<string, readonly (readonly [flags: string, expected: boolean])[]>> = {
  deno: [
    ["-A", true],
    ["--allow-ffi --allow-read --allow-write --allow-net", true],
    ["--allow-read --allow-write --allow-net", false],
    [`--allow-ffi --allow-read=${ROOT} --allow-write --allow-net`, false],
    ["--allow-ffi --allow-read --allow-write=/tmp --allow-net", false],
    ["--allow-ffi --allow-read --allow-write --allow-net=127.0.0.1", false],
    ["--allow-ffi --allow-read --deny-read=/etc --allow-write --allow-net", false],
    ["-A --deny-write=/etc", false],
  ],
  node: [
    ["", true],
    ["--permission --allow-ffi --allow-fs-read=* --allow-fs-write=* --allow-net", true],
    ["--permission --allow-fs-read=* --allow-fs-write=* --allow-net", false],
    [`--permission --allow-ffi --allow-fs-read=${ROOT}/* --allow-fs-write=* --allow-net`, false],
    ["--permission --allow-ffi --allow-fs-read=* --allow-fs-write=/tmp/* --allow-net", false],
    ["--permission --allow-ffi --allow-fs-read=* --allow-fs-write=*", false],
  ],
  bun: [["", true]],
};

test.each(CASES[RUNTIME]!)("under the flags '%s' foreign calls are made: %s", (flags, expected) => {
  const run = RUNTIME === "deno" ? ["run", "--no-prompt", "--quiet"] : [];
  const args = [...run, ...flags.split(" ").filter((flag) => flag !== ""), SCRIPT];
  const output = execFileSync(process.execPath, args, { timeout: 20_000, stdio: ["ignore", "pipe", "pipe"] });
  expect(output.toString().trim()).toBe(String(expected));
});
