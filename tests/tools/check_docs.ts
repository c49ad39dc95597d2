/**
 * Checks the documentation.
 *
 * `node tests/tools/check_docs.ts` checks that every exported symbol has a comment. With `--run` it type-checks the
 * TypeScript code in comments and Markdown, and runs each block, and each block of shell commands, on Node, Deno and Bun.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { undocumented } from "./check_docs_comments.ts";
import { type Example, findExamples, writeExamples } from "./check_docs_examples.ts";
import { exampleGuest } from "./guests.ts";

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

function start(command: readonly string[], cwd: string, variables: Readonly<Record<string, string>> = {}): Ended {
  const [program = "", ...args] = command;
  const env = { ...process.env, NO_COLOR: "1", ...variables };
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

function runExample({ language, file }: Example, runtime: string): Ended {
  if (language === "ts") return start([...RUNTIMES[runtime] ?? [], join(FOLDER, file)], FOLDER);
  const path = [join(FOLDER, "bin"), join(ROOT, "bin"), BIN, process.env["PATH"] ?? ""].join(delimiter);
  return start(["sh", join(FOLDER, file)], FOLDER, { PATH: path, WASIRUN_RUNTIME: runtime });
}

async function runExamples(): Promise<number> {
  const examples = findExamples(ROOT);
  writeExamples(examples, FOLDER);
  await provideFiles();
  const tsc = join(ROOT, "node_modules", "typescript", "bin", "tsc");
  const results = [{ name: "types", ...start([process.execPath, tsc, "-p", FOLDER], FOLDER) }];
  for (const example of examples) {
    for (const runtime of runtimesOf(example)) {
      results.push({ name: `${runtime} ${example.place}`, ...runExample(example, runtime) });
    }
  }
  const failures = results.filter(({ isFine }) => !isFine);
  for (const { name, output } of failures) console.log(`FAILED ${name}\n${output.trim().replace(/^/gm, "    ")}`);
  console.log(`${results.length - failures.length} passed, ${failures.length} failed`);
  return failures.length === 0 && examples.length > 0 ? 0 : 1;
}

/** What the examples assume in the current folder and on PATH. */
async function provideFiles(): Promise<void> {
  const hello = await exampleGuest("hello");
  for (const name of ["hello.wasm", "app.wasm"]) cpSync(hello, join(FOLDER, name));
  cpSync(await exampleGuest("serve"), join(FOLDER, "server.wasm"));
  cpSync(await exampleGuest("reactor"), join(FOLDER, "reactor.wasm"));
  for (const name of ["go.mod", "main.go"]) cpSync(join(ROOT, "examples", "hello", name), join(FOLDER, name));
  for (const name of ["words.go", "words_test.go", "testdata"]) {
    cpSync(join(ROOT, "examples", "go_test", name), join(FOLDER, "words", name), { recursive: true });
  }
  writeFileSync(join(FOLDER, "input.txt"), "input\n");
  mkdirSync(join(FOLDER, "bin"));
  symlinkSync(join(ROOT, "bin", "wasirun.js"), join(FOLDER, "bin", "wasirun"));
}

process.exitCode = process.argv.includes("--run") ? await runExamples() : checkComments();
