/**
 * Reads vitest's JSON report.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { relative } from "node:path";

/** A test that failed, at least once. */
export interface Failure {
  /** File and name. */
  readonly test: string;
  /** The first line of its error, and the line of the test that raised it. */
  readonly reason: string;
}

/** What a report says. */
export interface ReportSummary {
  /** How many tests passed, retried ones included. */
  readonly passed: number;
  /** The tests that failed. */
  readonly failures: readonly Failure[];
  /** The tests that failed first and passed when they were retried. */
  readonly retried: readonly Failure[];
  /** File and name of each test that was skipped. */
  readonly skipped: readonly string[];
  /** The files whose tests could not be collected. */
  readonly broken: readonly Failure[];
}

/** The part of the report that is read here. */
interface Report {
  testResults: {
    name: string;
    message: string;
    assertionResults: { status: string; ancestorTitles: string[]; title: string; failureMessages: string[] }[];
  }[];
}

/**
 * Reads the report at `path`; files are named relative to `root`.
 *
 * @throws {Error} There is no report, or it is not JSON.
 */
export function readReport(path: string, root: string): ReportSummary {
  const { testResults } = JSON.parse(readFileSync(path, "utf8")) as Report;
  const results = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ status, ancestorTitles, title, failureMessages }) => ({
      status,
      test: [relative(root, name), ...ancestorTitles, title].join(" > "),
      reason: reasonOf(failureMessages[0] ?? "", root),
    }))
  );
  const passed = results.filter(({ status }) => status === "passed");
  const failures = results.filter(({ status }) => status === "failed");
  return {
    passed: passed.length,
    failures: failures.map(({ test, reason }) => ({ test, reason: reason === "" ? "no error was reported" : reason })),
    // vitest keeps the errors of earlier attempts.
    retried: passed.filter(({ reason }) => reason !== "").map(({ test, reason }) => ({ test, reason })),
    skipped: results.filter(({ status }) => status !== "passed" && status !== "failed").map(({ test }) => test),
    broken: testResults.filter(({ assertionResults }) => assertionResults.length === 0)
      .map(({ name, message }) => ({ test: relative(root, name), reason: reasonOf(message, root) })),
  };
}

// deno-lint-ignore no-control-regex -- errors are coloured
const COLOURS = /\u001b\[[\d;]*m/g;

/** @returns The first line of a stack trace and the first frame within the tests. */
function reasonOf(stack: string, root: string): string {
  const lines = stack.replace(COLOURS, "").split("\n").map((line) => line.trim());
  const first = lines.find((line) => line !== "") ?? "";
  const frame = lines.slice(1).map((line) => /(tests\/[^\s()]*:\d+:\d+)/.exec(line.replace(root, ""))?.[1])
    .find((place) => place !== undefined);
  return frame === undefined ? first : `${first} (${frame})`;
}
