/**
 * `npm run conformance`: the preview 1 tests of WebAssembly/wasi-testsuite.
 *
 * The environment variable WASI_TESTSUITE names a checkout of the suite's branch `prod/testsuite-base`.
 *
 * @module
 */

import { cpSync } from "node:fs";
import { join } from "node:path";
import { describeEnd, type ProcessResult, runProcess } from "../suites/process.ts";
import { RUNTIME_NAMES } from "../suites/runtimes.ts";
import { withScratchFolder } from "../suites/scratch.ts";
import type { Execution, Host, OpenSuite, Settings, Suite, TestCase } from "../suites/suite.ts";
import { readCases, type WasiTest } from "./cases.ts";
import { readExpectations } from "./expectations.ts";

const VARIABLE = "WASI_TESTSUITE";
const LEFT_OVER = /\.cleanup$/;
/** How often a test that is expected to fail must pass before it counts as passed. */
const ATTEMPTS = 3;

/** The suite. */
export const suite: Suite = {
  title: "Runs the preview 1 tests of WebAssembly/wasi-testsuite.",
  runtimes: RUNTIME_NAMES,
  jobs: 2,
  seconds: 60,
  folder: VARIABLE,
  options: {
    platform: { value: "NAME", help: "posix or runtime (default: posix where it can be had)" },
  },
  open: (settings) => Promise.resolve(open(settings)),
};

function open({ seconds, values }: Settings): OpenSuite {
  const { platform } = values;
  const expectations = readExpectations();
  const cases = readCases(process.env[VARIABLE]).map((test): TestCase => {
    // Those of the runtimes' own calls, which serve where the posix platform is not chosen or can't be had.
    const expectedFailure = ({ name }: Host): string | undefined =>
      platform === "runtime" || name === "node20"
        ? expectations(name).find((failure) => failure.name === test.name)?.reason
        : undefined;
    const flags = platform === undefined ? [] : [`--platform=${platform}`];
    const runOnce = (host: Host): Promise<Execution> => execute(test, [...host.command, ...flags], seconds);
    const run = (host: Host): Promise<Execution> =>
      expectedFailure(host) === undefined ? runOnce(host) : untilItFails(() => runOnce(host));
    return { name: test.name, run, expectedFailure };
  });
  return { cases };
}

/** A test of nanoseconds passes now and then, when the time that it sets is one that the runtime can express. */
async function untilItFails(run: () => Promise<Execution>): Promise<Execution> {
  let execution = await run();
  for (let again = 1; again < ATTEMPTS && execution.complaints.length === 0; again += 1) execution = await run();
  return execution;
}

/** The suite itself is only read: the guest gets a copy of the folder that the test names. */
async function execute(test: WasiTest, command: readonly string[], seconds: number): Promise<Execution> {
  return await withScratchFolder(async (scratch) => {
    const words = [...command, ...wasirunArguments(test, scratch)];
    const result = await runProcess(words, { cwd: scratch, timeoutMs: seconds * 1000, stdin: "closed pipe" });
    return { complaints: complaintsOf(test, result), output: result.stderr };
  });
}

function wasirunArguments(test: WasiTest, scratch: string): string[] {
  const flags = Object.entries(test.env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
  if (test.root !== undefined) {
    const root = join(scratch, "root");
    cpSync(test.root, root, { recursive: true, filter: (path) => !LEFT_OVER.test(path) });
    flags.push("--dir", `${root}::/`);
  }
  return [...flags, test.module, ...test.args];
}

function complaintsOf(test: WasiTest, result: ProcessResult): string[] {
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
