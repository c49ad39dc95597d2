/**
 * `npm start`: builds the Go program of `examples/hello` and runs it under each runtime, or under those that are named.
 *
 * `npm start -- [deno] [bun] [node]`
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { join, relative } from "node:path";
import { exampleGuest } from "./guests.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  deno: ["deno", "run", "-A", "src/cli/wasirun.ts"],
  bun: ["bun", "src/cli/wasirun.ts"],
  node: ["node", "src/cli/wasirun.ts"],
};

function run(runtime: string, module: string): number {
  const [program = "", ...args] = [...COMMANDS[runtime] ?? [], module];
  console.log(`$ ${[program, ...args].join(" ")}`);
  const executable = join(ROOT, "node_modules", ".bin", program);
  const { status, error } = spawnSync(executable, args, { cwd: ROOT, stdio: "inherit", timeout: 60_000 });
  if (error !== undefined) console.error(`Cannot run ${executable}: ${error.message}; run npm ci`);
  return status ?? 1;
}

async function main(): Promise<number> {
  const asked = process.argv.slice(2);
  const unknown = asked.find((name) => !(name in COMMANDS));
  if (unknown !== undefined) {
    console.error(`Unknown runtime "${unknown}": choose of ${Object.keys(COMMANDS).join(", ")}`);
    return 2;
  }
  const module = relative(ROOT, await exampleGuest("hello"));
  const statuses = (asked.length > 0 ? asked : Object.keys(COMMANDS)).map((runtime) => run(runtime, module));
  return statuses.find((status) => status !== 0) ?? 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
