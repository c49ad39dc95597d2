/**
 * `npm run check`: everything that can be checked without running the project.
 *
 * `node tests/tools/check.ts [name of a step]...`
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "node_modules", ".bin");
/** Not the one of `.bin`, which may be that of another version that a test compiles with. */
const TSC = [join(BIN, "node"), join(ROOT, "node_modules", "typescript", "bin", "tsc")];
const TIMEOUT_MS = 180_000;
/** What is published, by deno.json. */
const PUBLISHED = Object.values(
  (JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")) as { exports: Record<string, string> }).exports,
);
const ENTRY_POINTS = [
  ...PUBLISHED,
  "src/entry/deno.ts",
  "src/entry/serve_deno.ts",
];

const STEPS: Readonly<Record<string, readonly string[]>> = {
  format: [join(BIN, "deno"), "fmt", "--check", "--quiet"],
  lint: [join(BIN, "deno"), "lint", "--quiet"],
  types: [...TSC, "-p", "tsconfig.json"],
  "types of the neutral folders": [...TSC, "-p", "tsconfig.neutral.json"],
  "types on Deno": [join(BIN, "deno"), "check", "--quiet", ...ENTRY_POINTS],
  imports: [join(BIN, "node"), "tests/tools/check_imports.ts"],
  references: [join(BIN, "node"), "tests/tools/check_references.ts"],
  shape: [join(BIN, "node"), "tests/check/shape.ts"],
  words: [join(BIN, "node"), "tests/tools/check_words.ts"],
  exports: [join(BIN, "node"), "build_npm.ts", "--check"],
  "the JSR package": [join(BIN, "node"), "tests/tools/check_jsr.ts"],
  "documentation as Deno shows it": [join(BIN, "deno"), "doc", "--lint", "--quiet", ...PUBLISHED],
  documentation: [join(BIN, "node"), "tests/tools/check_docs.ts"],
};

function run(name: string): boolean {
  const [program = "", ...args] = STEPS[name] ?? [];
  const startMs = performance.now();
  const result = spawnSync(program, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    env: { ...process.env, NO_COLOR: "1" },
  });
  const isFine = result.status === 0;
  const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
  console.log(`${isFine ? "ok" : "FAILED"} ${name} (${seconds} s)`);
  if (!isFine) console.log(`${result.stdout}${result.stderr}${result.error?.message ?? ""}`.replace(/^/gm, "    "));
  return isFine;
}

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !(name in STEPS));
if (unknown !== undefined) {
  throw new TypeError(`Unknown step "${unknown}": choose of ${Object.keys(STEPS).join(", ")}`);
}
const failed = (asked.length > 0 ? asked : Object.keys(STEPS)).filter((name) => !run(name));
if (failed.length > 0) console.log(`\nFailed: ${failed.join(", ")}`);
process.exitCode = failed.length === 0 ? 0 : 1;
