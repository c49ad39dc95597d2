/**
 * One test on one runtime.
 *
 * @module
 */

import { cpSync } from "node:fs";
import { join } from "node:path";
import { describeEnd, type ProcessResult, runProcess } from "./process.ts";
import type { Runtime } from "./runtimes.ts";
import { withScratchFolder } from "./scratch.ts";
import type { TestCase } from "./suite.ts";

/** What became of a test. */
export interface Execution {
  /** The test. */
  readonly test: TestCase;
  /** What was not as the test wants it; empty if it passed. */
  readonly complaints: readonly string[];
  /** The guest's standard error, with that of the command. */
  readonly stderr: string;
}

const TIMEOUT_MS = 60_000;
const LEFT_OVER = /\.cleanup$/;

/** Run a test. The suite itself is only read: the guest gets a copy of the folder that the test names. */
export async function execute(test: TestCase, runtime: Runtime): Promise<Execution> {
  return await withScratchFolder(async (scratch) => {
    const command = [...runtime.command, ...wasirunArguments(test, scratch)];
    const result = await runProcess(command, { cwd: scratch, timeoutMs: TIMEOUT_MS, stdin: "closed pipe" });
    return { test, complaints: complaintsOf(test, result), stderr: result.stderr };
  });
}

function wasirunArguments(test: TestCase, scratch: string): string[] {
  const flags = Object.entries(test.env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  if (test.root !== undefined) {
    const root = join(scratch, "root");
    cpSync(test.root, root, { recursive: true, filter: (path) => !LEFT_OVER.test(path) });
    flags.push("--dir", `${root}::/`);
  }
  return [...flags, test.module, ...test.args];
}

function complaintsOf(test: TestCase, result: ProcessResult): string[] {
  const complaints: string[] = [];
  if (result.exitCode !== test.exitCode) {
    complaints.push(`expected exit status ${test.exitCode}, got ${describeEnd(result)}`);
  }
  for (const stream of ["stdout", "stderr"] as const) {
    const expected = test[stream];
    if (expected === undefined || result[stream] === expected) continue;
    complaints.push(`expected ${stream} ${JSON.stringify(expected)}, got ${JSON.stringify(result[stream])}`);
  }
  return complaints;
}
