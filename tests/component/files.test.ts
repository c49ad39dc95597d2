/** A C program with files, as a module of preview 1 and as a component: the same answers. */

import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compileComponent, run, type RunOptions, runSync } from "wasirun";
import { memoryDirectory } from "../../src/platform/memory/mod.ts";
import { posix } from "../../src/platform/posix/mod.ts";
import { cComponent } from "../tools/component_guests.ts";
import { cGuest } from "../tools/guests.ts";
import { WASMTIME, wasmtimeRun } from "../tools/wasmtime.ts";

const base = realpathSync(mkdtempSync(join(tmpdir(), "wasirun-files-")));
const LAST_LINES = ["unlinkat: 0", "unlinkat: 0", "unlinkat: 0", "read of what is gone: 7", "rmdir: 0", ""];

/** Options by what they are; each with an empty directory. */
const PLACES: readonly (readonly [name: string, options: () => RunOptions])[] = [
  ["memory", () => ({ preopens: { "/work": { source: memoryDirectory() } } })],
  ["the runtime's files", () => ({ preopens: { "/work": mkdtempSync(join(base, "d-")) } })],
  ["the system's calls", () => ({ platform: posix(), preopens: { "/work": mkdtempSync(join(base, "d-")) } })],
];

describe("a C program with files", () => {
  let module: string;
  let component: string;
  /** The component, with its adapter: without its name that is not replaced by preview 1. */
  let adapted: Uint8Array<ArrayBuffer>;
  let expected: string;
  beforeAll(async () => {
    module = await cGuest("files");
    component = await cComponent("files");
    const bytes = readFileSync(component);
    adapted = new Uint8Array(bytes);
    adapted[bytes.indexOf("wit-component:adapter:")] = "x".charCodeAt(0);
    const result = await run(module, { ...PLACES[0]![1](), args: ["/work"], stdout: "text" });
    expected = result.stdout;
    expect(expected.split("\n").slice(-LAST_LINES.length)).toEqual(LAST_LINES);
  });
  afterAll(() => rmSync(base, { recursive: true, force: true }));

  test.each(PLACES)("answers as a component over %s what it answers as a module", async (_name, options) => {
    for (const guest of [module, component, adapted]) {
      const result = await run(guest, { ...options(), args: ["/work"], stdout: "text" });
      expect(result).toEqual({ exitCode: 0, stdout: expected });
    }
    for (const guest of [component, adapted]) {
      const compiled = await compileComponent(guest);
      expect(runSync(compiled, { ...options(), args: ["/work"], stdout: "text" })).toEqual({
        exitCode: 0,
        stdout: expected,
      });
    }
  });

  test("in a read-only directory changes nothing", async () => {
    const directory = mkdtempSync(join(base, "d-"));
    const preopens = { "/work": { source: directory, readOnly: true } };
    const errors = [[component, "Read-only file system"], [adapted, "Operation not permitted"]] as const;
    for (const [guest, error] of errors) {
      const { stdout } = await run(guest, { preopens, args: ["/work"], stdout: "text" });
      expect(stdout).toContain(`mkdirat: ${error}\n`);
    }
    expect(readdirSync(directory)).toEqual([]);
  });

  test.skipIf(WASMTIME === undefined)("answers what it answers on wasmtime: WASIRUN_WASMTIME names it", async () => {
    expect(await wasmtimeRun(["--dir", `${mkdtempSync(join(base, "d-"))}::/work`, component, "/work"])).toBe(expected);
  });
});
