/**
 * Checks the documentation.
 *
 * `node tests/tools/check_docs.ts` looks whether every exported symbol has a comment. With `--run` it type-checks the
 * TypeScript code in the comments and in README.md, and runs each piece on Node, Deno and Bun.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { undocumented } from "./check_docs_comments.ts";
import { type Example, findExamples, writeExamples } from "./check_docs_examples.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "node_modules", ".bin");
const FOLDER = join(ROOT, ".build", "docs");
const TIMEOUT_MS = 120_000;

const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  node: [process.execPath],
  deno: [join(BIN, "deno"), "run", "-A"],
  bun: [join(BIN, "bun")],
};

interface Ended {
  readonly isFine: boolean;
  readonly output: string;
}

function start(command: readonly string[], cwd: string): Ended {
  const [program = "", ...args] = command;
  const env = { ...process.env, NO_COLOR: "1" };
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { isFine: status === 0, output: `${stdout}${stderr}${error?.message ?? ""}` };
}

function checkComments(): number {
  const { exports } = JSON.parse(readFileSync(join(ROOT, "deno.json"), "utf8")) as { exports: Record<string, string> };
  const command = exports["./cli"];
  const entryPoints = Object.values(exports).filter((path) => path !== command);
  const missing = undocumented(ROOT, entryPoints);
  for (const complaint of missing) console.error(`${complaint} has no comment`);
  console.log(`${entryPoints.length} entry points, ${missing.length} symbols without a comment`);
  return missing.length === 0 ? 0 : 1;
}

/** Where an example can run: an import of one runtime's platform binds it to that runtime. */
function runtimesOf({ code }: Example): string[] {
  const bound = Object.keys(RUNTIMES).filter((runtime) => code.includes(`"wasirun/${runtime}"`));
  return bound.length > 0 ? bound : Object.keys(RUNTIMES);
}

async function runExamples(): Promise<number> {
  const examples = findExamples(ROOT);
  writeExamples(examples, FOLDER);
  await provideGuest(examples);
  const results = [{ name: "types", ...start([join(BIN, "tsc"), "-p", FOLDER], FOLDER) }];
  for (const example of examples) {
    for (const runtime of runtimesOf(example)) {
      const command = [...RUNTIMES[runtime] ?? [], join(FOLDER, example.file)];
      results.push({ name: `${runtime} ${example.place}`, ...start(command, FOLDER) });
    }
  }
  const failures = results.filter(({ isFine }) => !isFine);
  for (const { name, output } of failures) console.log(`FAILED ${name}\n${output.trim().replace(/^/gm, "    ")}`);
  console.log(`${results.length - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 && examples.length > 0 ? 0 : 1;
}

/** Code in the README may run `hello.wasm`, as a reader would who built it. */
async function provideGuest(examples: readonly Example[]): Promise<void> {
  if (!examples.some(({ code }) => code.includes("hello.wasm"))) return;
  const { goGuest } = await import("./guests.ts");
  const { cpSync } = await import("node:fs");
  const built = join(ROOT, "examples", "hello", "hello.wasm");
  cpSync(existsSync(built) ? built : await goGuest("hello"), join(FOLDER, "hello.wasm"));
}

process.exitCode = process.argv.includes("--run") ? await runExamples() : checkComments();
