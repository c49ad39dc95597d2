/**
 * `npm run soak`: a Go server as a guest under load and with many idle connections (Linux).
 *
 * `npm run soak -- [deno] [bun] [node]`
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { goProgram } from "../tools/go_program.ts";
import { soak } from "./soak.ts";

const RUNTIMES: readonly string[] = ["deno", "bun", "node"];

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => !RUNTIMES.includes(arg));
  if (unknown !== undefined) throw new Error(`Cannot use ${unknown}: write ${RUNTIMES.join(", ")}`);
  if (!existsSync("/proc/self/fd")) {
    throw new Error("Cannot run this test here: it looks at processes in /proc, as Linux has it");
  }
  const guest = await goProgram(join(import.meta.dirname, "server"), "wasip1");
  const failed: string[] = [];
  for (const runtime of args.length > 0 ? args : RUNTIMES) {
    if (await soak(runtime, guest) > 0) failed.push(runtime);
  }
  console.log(failed.length === 0 ? "passed" : `FAILED on ${failed.join(", ")}`);
  return failed.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
