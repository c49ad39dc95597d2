/**
 * `npm run conformance`: runs the preview 1 tests of WebAssembly/wasi-testsuite through `wasirun` on each runtime.
 *
 * The environment variable WASI_TESTSUITE names a checkout of the suite's branch `prod/testsuite-base`.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { concurrently } from "./concurrently.ts";
import { execute, type Execution } from "./execute.ts";
import { type Expectations, type ExpectedFailure, readExpectations } from "./expectations.ts";
import { endProcessesOnSignal } from "./process.ts";
import { findRuntime, parseRuntimeNames, type Runtime, RUNTIME_NAMES, type RuntimeName } from "./runtimes.ts";
import { readSuite, type TestCase } from "./suite.ts";

const JOBS = 2;
const STDERR_LINES = 6;
const UNEXPECTED_PASS = "passed, but expectations.json says that it fails; remove it there";
const HELP = `Usage: WASI_TESTSUITE=FOLDER npm run conformance -- [options]

  --runtimes LIST  out of ${RUNTIME_NAMES.join(",")} (default: all that are there; those named here must be)
  --platform NAME  posix or runtime (default: posix where it can be had)
  --filter REGEX   only the tests whose name matches
  --verbose        show what the guests and the command write to standard error
  --help           show this text
`;

interface Options {
  readonly runtimes: string | undefined;
  readonly platform: string | undefined;
  readonly filter: RegExp;
  readonly verbose: boolean;
}

type Verdict = "passed" | "expectedFailures" | "failed";

/** The tests of one runtime by what became of them. */
interface Summary {
  readonly runtime: Runtime;
  readonly passed: number;
  readonly expectedFailures: number;
  readonly failed: number;
  readonly seconds: number;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  endProcessesOnSignal();
  const suite = readSuite(process.env["WASI_TESTSUITE"]);
  const tests = suite.filter((test) => options.filter.test(test.name));
  if (tests.length === 0) throw new Error(`None of the ${suite.length} tests matches ${options.filter}`);
  const expectations = readExpectations();
  const summaries: Summary[] = [];
  for (const runtime of chooseRuntimes(options.runtimes)) {
    const { name, command } = runtime;
    const { platform } = options;
    const chosen = platform === undefined ? runtime : { ...runtime, command: [...command, `--platform=${platform}`] };
    summaries.push(await runAll(tests, chosen, expectedFailures(name, platform, expectations), options.verbose));
  }
  return report(summaries);
}

/** Those of the runtimes' own calls, which serve where the posix platform is not chosen or can't be had. */
function expectedFailures(
  name: RuntimeName,
  platform: string | undefined,
  expectations: Expectations,
): readonly ExpectedFailure[] {
  return platform === "runtime" || name === "node20" ? expectations[name] : [];
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      runtimes: { type: "string" },
      platform: { type: "string" },
      filter: { type: "string", default: "" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    runtimes: values.runtimes,
    platform: values.platform,
    filter: new RegExp(values.filter),
    verbose: values.verbose,
  };
}

function chooseRuntimes(list: string | undefined): Runtime[] {
  const names = list === undefined ? RUNTIME_NAMES : parseRuntimeNames(list, RUNTIME_NAMES);
  const runtimes: Runtime[] = [];
  for (const found of names.map(findRuntime)) {
    if ("command" in found) {
      runtimes.push(found);
    } else if (found.optional && list === undefined) {
      console.log(`${found.name}: left out, ${found.reason}`);
    } else {
      throw new Error(`Cannot run on ${found.name}: ${found.reason}`);
    }
  }
  return runtimes;
}

async function runAll(
  tests: readonly TestCase[],
  runtime: Runtime,
  expected: readonly ExpectedFailure[],
  verbose: boolean,
): Promise<Summary> {
  const started = performance.now();
  const count = { passed: 0, expectedFailures: 0, failed: 0 };
  await concurrently(tests, JOBS, async (test) => {
    const expectedFailure = expected.find(({ name }) => name === test.name);
    const execution = await executeAgainWhileLucky(test, runtime, expectedFailure !== undefined);
    count[judge(execution, runtime, expectedFailure, verbose)] += 1;
  });
  return { runtime, ...count, seconds: (performance.now() - started) / 1000 };
}

/**
 * Run a test; one that is expected to fail must pass three times before it counts as passed. A test of nanoseconds
 * passes now and then, when the time that it sets happens to be one that the runtime can express.
 */
async function executeAgainWhileLucky(
  test: TestCase,
  runtime: Runtime,
  failureIsExpected: boolean,
): Promise<Execution> {
  let execution = await execute(test, runtime);
  for (let again = 0; again < 2 && failureIsExpected && execution.complaints.length === 0; again += 1) {
    execution = await execute(test, runtime);
  }
  return execution;
}

function judge(
  { test, complaints, stderr }: Execution,
  runtime: Runtime,
  expected: ExpectedFailure | undefined,
  verbose: boolean,
): Verdict {
  const label = `${runtime.name} ${test.name}`;
  const verdict = verdictOf(complaints.length > 0, expected !== undefined);
  if (verdict === "expectedFailures") console.log(`expected failure ${label}: ${expected?.reason}`);
  if (verdict === "failed") console.log(`FAIL ${label}: ${complaints.join("; ") || UNEXPECTED_PASS}`);
  if (verbose || verdict === "failed") console.log(indent(verbose ? stderr : firstLines(stderr)));
  return verdict;
}

function verdictOf(failed: boolean, isExpected: boolean): Verdict {
  if (failed !== isExpected) return "failed";
  return failed ? "expectedFailures" : "passed";
}

function firstLines(text: string): string {
  return text.trimEnd().split("\n").slice(0, STDERR_LINES).join("\n");
}

function indent(text: string): string {
  return text.trimEnd().replace(/^/gm, "    ");
}

function report(summaries: readonly Summary[]): number {
  const columns = [10, 10, 8, 18, 8, 9];
  const row = (...cells: readonly (string | number)[]): string =>
    cells.map((cell, index) => String(cell).padEnd(columns[index] ?? 0)).join("").trimEnd();
  console.log(`\n${row("runtime", "version", "passed", "expected failures", "failed", "seconds")}`);
  for (const { runtime, passed, expectedFailures, failed, seconds } of summaries) {
    console.log(row(runtime.name, runtime.version, passed, expectedFailures, failed, seconds.toFixed(1)));
  }
  const sum = (pick: (summary: Summary) => number): number => summaries.map(pick).reduce((a, b) => a + b, 0);
  const [passed, failed, expected] = [sum((s) => s.passed), sum((s) => s.failed), sum((s) => s.expectedFailures)];
  console.log(`\n${passed} passed, ${failed} failed${expected === 0 ? "" : ` (and ${expected} expected failures)`}`);
  return failed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
