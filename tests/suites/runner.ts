/**
 * Runs the cases of a suite on each host.
 *
 * @module
 */

import { type Arguments, helpText, readArguments } from "./arguments.ts";
import { concurrently } from "./concurrently.ts";
import { endProcessesOnSignal } from "./process.ts";
import { failuresFolder, type FinishedCase, type HostSummary, printCase, printSummaries, verdictOf } from "./report.ts";
import type { Host, OpenSuite, Suite, TestCase } from "./suite.ts";

/**
 * Runs a suite.
 *
 * @param name The npm script that runs it.
 * @param args The command line.
 * @returns True if nothing failed that must pass.
 * @throws {Error} The suite could not be run.
 */
export async function runSuite(name: string, suite: Suite, args: readonly string[]): Promise<boolean> {
  const parsed = readArguments(suite, args);
  if (parsed === undefined) {
    console.log(helpText(name, suite));
    return true;
  }
  endProcessesOnSignal();
  const open = await suite.open(parsed);
  try {
    return await runOpenSuite(name, open, parsed);
  } finally {
    await open.close?.();
  }
}

async function runOpenSuite(name: string, open: OpenSuite, args: Arguments): Promise<boolean> {
  const cases = open.cases.filter((testCase) => args.filter.test(testCase.name));
  if (cases.length === 0) throw new Error(`None of the ${open.cases.length} cases matches ${args.filter}`);
  if (args.isList) {
    for (const { name } of cases) console.log(name);
    return true;
  }
  await open.prepare?.(cases);
  const summaries: HostSummary[] = [];
  for (const host of open.hosts ?? args.hosts) summaries.push(await runOnHost(name, cases, host, args));
  const hasPassed = printSummaries(summaries);
  for (const note of open.notes?.() ?? []) console.log(note);
  return hasPassed;
}

async function runOnHost(
  suite: string,
  cases: readonly TestCase[],
  host: Host,
  { jobs, isVerbose }: Arguments,
): Promise<HostSummary> {
  const startMs = performance.now();
  const folder = failuresFolder(suite, host);
  const finished = await concurrently(cases, jobs, async (testCase) => {
    const result = await runCase(testCase, host);
    printCase(host, result, folder, isVerbose);
    return result;
  });
  const named = (verdict: string): string[] =>
    finished.filter((result) => verdictOf(result) === verdict).map(({ name }) => name);
  const seconds = (performance.now() - startMs) / 1000;
  return { host, passed: named("passed").length, expected: named("expected").length, failed: named("failed"), seconds };
}

async function runCase(testCase: TestCase, host: Host): Promise<FinishedCase> {
  const startMs = performance.now();
  const execution = await testCase.run(host);
  return {
    ...execution,
    name: testCase.name,
    expectedFailure: testCase.expectedFailure?.(host),
    seconds: (performance.now() - startMs) / 1000,
  };
}
