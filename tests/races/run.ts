/**
 * `npm run races`: a guest on the posix platform while another process swaps its directories with symbolic links to the
 * outside. Nothing outside may be reached; two weakened resolvers show that the races are there to be lost.
 *
 * `npm run races -- [ATTEMPTS] [deno] [bun] [node]`, by default 1,000,000 on all three.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

const ATTEMPTS = 1_000_000;
const TIMEOUT_MS = 1_800_000;
const BIN = join(import.meta.dirname, "..", "..", "node_modules", ".bin");
const SCRIPT = join(import.meta.dirname, "one_runtime.ts");

const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  deno: [join(BIN, "deno"), "run", "-A"],
  bun: [join(BIN, "bun")],
  node: [join(BIN, "node")],
};

function races(runtime: string, attempts: number): boolean {
  console.log(runtime);
  const [program, ...args] = RUNTIMES[runtime]!;
  const { status } = spawnSync(program!, [...args, SCRIPT, String(attempts)], {
    stdio: "inherit",
    timeout: TIMEOUT_MS,
  });
  return status === 0;
}

function main(args: readonly string[]): number {
  const numbers = args.filter((arg) => /^\d+$/.test(arg));
  const asked = args.filter((arg) => !/^\d+$/.test(arg));
  const unknown = asked.find((arg) => !Object.hasOwn(RUNTIMES, arg));
  if (unknown !== undefined) {
    throw new Error(`Cannot use ${unknown}: write a number of attempts, or ${Object.keys(RUNTIMES).join(", ")}`);
  }
  const attempts = Number(numbers[0] ?? ATTEMPTS);
  const failed = (asked.length > 0 ? asked : Object.keys(RUNTIMES)).filter((runtime) => !races(runtime, attempts));
  console.log(failed.length === 0 ? "passed" : `FAILED on ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
