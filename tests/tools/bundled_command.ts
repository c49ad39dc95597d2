/**
 * Set-up of a test run: bundles the command, as the npm package has it. A start from source reads some 200 files, which
 * takes ten times as long as the rest of it on Node, and as long as the rest on Deno and Bun. `CLI` of `wasirun.ts` is
 * its path. The tests of the launcher run the source.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

const ROOT = join(import.meta.dirname, "..", "..");
const ESBUILD = join(ROOT, "node_modules", ".bin", "esbuild");
const BUILD = join(ROOT, ".build");

/** Called by vitest before all tests. @returns What it calls after them. */
export default function setUp(): () => void {
  mkdirSync(BUILD, { recursive: true });
  const folder = mkdtempSync(join(BUILD, "command-"));
  const shape = ["--bundle", "--splitting", "--format=esm", "--platform=node", "--target=es2022", "--external:bun:*"];
  const output = [`--outdir=${folder}`, "--out-extension:.js=.mjs", "--log-level=warning"];
  execFileSync(ESBUILD, ["src/cli/wasirun.ts", ...shape, ...output], { cwd: ROOT, stdio: "inherit" });
  process.env["WASIRUN_TEST_COMMAND"] = join(folder, "wasirun.mjs");
  return () => rmSync(folder, { recursive: true, force: true });
}
