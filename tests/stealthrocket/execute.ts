/**
 * One suite on one host.
 *
 * @module
 */

import { describeEnd, type ProcessResult, runProcess } from "../conformance/process.ts";
import { withScratchFolder } from "../conformance/scratch.ts";
import { type ExpectedFailure, expectedFailures } from "./expectations.ts";
import { binaryOf, type Mode, type Suite } from "./suites.ts";
import { readTestOutput, type TestOutput } from "./test_output.ts";

/** What runs the tests. */
export interface Host {
  /** Its name. */
  readonly name: string;
  /** The command line up to the module, given an empty folder for the guest and the address of the DNS server. */
  readonly command: (scratch: string, dnsServer: string) => readonly string[];
}

/** How the tests are run. */
export interface Conditions {
  /** Folder of the test binaries. */
  readonly tests: string;
  /** Address of the DNS server. */
  readonly dnsServer: string;
  /** Seconds that a suite may take. */
  readonly seconds: number;
  /** How often each test runs. */
  readonly count: number;
}

/** What became of a suite. */
export interface Execution {
  /** The suite. */
  readonly suite: Suite;
  /** Its mode. */
  readonly mode: Mode;
  /** The host that it ran on. */
  readonly host: string;
  /** What is not as it should be; empty if it passed. */
  readonly complaints: readonly string[];
  /** How many tests passed. */
  readonly passed: number;
  /** How many failed as expected. */
  readonly expected: number;
  /** How many were skipped. */
  readonly skipped: number;
  /** How long it took. */
  readonly seconds: number;
  /** What it wrote. */
  readonly output: string;
}

const GRACE_SECONDS = 15;

/** Run a suite. */
export async function execute(suite: Suite, mode: Mode, host: Host, conditions: Conditions): Promise<Execution> {
  const { tests, dnsServer, seconds, count } = conditions;
  return await withScratchFolder(async (scratch) => {
    const flags = ["-test.v", "-test.paniconexit0", `-test.timeout=${seconds}s`, `-test.count=${count}`];
    const command = [...host.command(scratch, dnsServer), binaryOf(tests, suite, mode), ...flags];
    const timeoutMs = (seconds + GRACE_SECONDS) * 1000;
    const result = await runProcess(command, { cwd: scratch, timeoutMs, stdin: "null" });
    const output = readTestOutput(result.stdout);
    const expected = expectedFailures(mode, suite.name);
    return {
      suite,
      mode,
      host: host.name,
      complaints: complaintsOf(result, output, expected),
      passed: output.passed.length,
      expected: expected.filter((failure) => expectationComplaints(failure, output).length === 0).length,
      skipped: output.skipped.length,
      seconds: result.milliseconds / 1000,
      output: result.output,
    };
  });
}

/** The execution of a suite that could not run. */
export function couldNotRun(suite: Suite, mode: Mode, host: Host, reason: string): Execution {
  const nothing = { passed: 0, expected: 0, skipped: 0, seconds: 0, output: "" };
  return { suite, mode, host: host.name, complaints: [reason], ...nothing };
}

function complaintsOf(
  result: ProcessResult,
  output: TestOutput,
  expected: readonly ExpectedFailure[],
): string[] {
  const complaints = output.failed.filter((name) => !expected.some(({ test }) => test === name))
    .map((name) => `${name} failed`);
  complaints.push(...output.unfinished.map((name) => `${name} did not end`));
  complaints.push(...expected.flatMap((failure) => expectationComplaints(failure, output)));
  if (output.passed.length + output.failed.length === 0) complaints.push("no test ran");
  const [status, verdict] = output.failed.length === 0 ? [0, "PASS"] : [1, "FAIL"];
  if (result.exitCode !== status) complaints.push(`expected exit status ${status}, got ${describeEnd(result)}`);
  if (output.verdict !== verdict) complaints.push(`expected the verdict ${verdict}, got ${output.verdict ?? "none"}`);
  return complaints;
}

function expectationComplaints({ test, says }: ExpectedFailure, output: TestOutput): string[] {
  if (output.passed.includes(test)) return [`${test} passed; remove it from expectations.ts`];
  if (!output.failed.includes(test)) return [`${test} is expected to fail and did not run`];
  return output.logs.get(test)?.includes(says) ? [] : [`${test} failed otherwise than expected: "${says}" is not said`];
}
