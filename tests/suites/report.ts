/**
 * What is printed of the cases of a suite.
 *
 * @module
 */

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./runtimes.ts";
import type { Execution, Host } from "./suite.ts";

const MAX_COMPLAINTS = 20;
const TAIL_LINES = 20;
const TELLING = /--- FAIL|_test\.go:\d+: |^panic: |^fatal error: |^wasirun: |^\[.*\] /;
const SLOW_SECONDS = 60;
const COLUMNS: readonly number[] = [10, 10, 8, 18, 8, 9];
const UNEXPECTED_PASS = "passed, but the suite's expectations say that it fails; remove it there";

/** What became of a case. */
export type Verdict = "passed" | "expected" | "failed";

/** A case that has run. */
export interface FinishedCase extends Execution {
  /** Its name. */
  readonly name: string;
  /** Why it is expected to fail. */
  readonly expectedFailure: string | undefined;
  /** How long it took. */
  readonly seconds: number;
}

/** The cases of one host. */
export interface HostSummary {
  /** The host. */
  readonly host: Host;
  /** How many passed. */
  readonly passed: number;
  /** How many failed as expected. */
  readonly expected: number;
  /** The names of those that failed otherwise, or passed although they should fail. */
  readonly failed: readonly string[];
  /** How long all of them took. */
  readonly seconds: number;
}

/** What became of a case. */
export function verdictOf({ complaints, expectedFailure }: FinishedCase): Verdict {
  const hasFailed = complaints.length > 0;
  if (hasFailed !== (expectedFailure !== undefined)) return "failed";
  return hasFailed ? "expected" : "passed";
}

/** Prints what is worth knowing of a case. `folder` is where the whole output of a failed one is kept. */
export function printCase(host: Host, finished: FinishedCase, folder: string, isVerbose: boolean): void {
  const { name, complaints, expectedFailure, note, output, seconds } = finished;
  const label = `${host.name} ${name}`;
  const time = `(${seconds.toFixed(1)} s)`;
  const verdict = verdictOf(finished);
  if (verdict === "expected") console.log(`expected failure ${label}: ${expectedFailure}`);
  else if (verdict === "failed") {
    console.log(`FAIL ${label} ${time}`);
    const reasons = complaints.length === 0 ? [UNEXPECTED_PASS] : complaints;
    for (const reason of reasons.slice(0, MAX_COMPLAINTS)) console.log(`    ${reason}`);
    if (reasons.length > MAX_COMPLAINTS) console.log(`    and ${reasons.length - MAX_COMPLAINTS} more`);
  } else if (note !== undefined) console.log(`ok ${label}: ${note} ${time}`);
  else if (seconds >= SLOW_SECONDS) console.log(`slow ${label} ${time}`);
  if (isVerbose) console.log(output.trimEnd().replace(/^/gm, "    | "));
  else if (verdict === "failed" && output.trim() !== "") {
    console.log(`${excerpt(output)}\n    all of it: ${keepOutput(folder, name, output)}`);
  }
}

/** Removes what {@linkcode printCase} has kept of earlier runs, and returns the folder for it. */
export function failuresFolder(suite: string, host: Host): string {
  const folder = join(ROOT, ".build", "suites", suite, host.name);
  rmSync(folder, { recursive: true, force: true });
  return folder;
}

function keepOutput(folder: string, name: string, output: string): string {
  const path = join(folder, `${name.replaceAll(/[^\w.]+/g, "_")}.log`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, output);
  return path;
}

/** The lines that tell what failed, and the last lines. */
function excerpt(text: string): string {
  const lines = text.trimEnd().split("\n");
  const telling = lines.slice(0, -TAIL_LINES).filter((line) => TELLING.test(line)).slice(0, TAIL_LINES);
  return [...telling, ...lines.slice(-TAIL_LINES)].map((line) => `    | ${line}`).join("\n");
}

/** Prints a row for each host, and the counts as the last line. @returns True if nothing failed. */
export function printSummaries(summaries: readonly HostSummary[]): boolean {
  console.log(`\n${row("host", "version", "passed", "expected failures", "failed", "seconds")}`);
  for (const { host, passed, expected, failed, seconds } of summaries) {
    console.log(row(host.name, host.version, passed, expected, failed.length, seconds.toFixed(1)));
    if (failed.length > 0) console.log(`  failed: ${failed.join(", ")}`);
  }
  const sum = (count: (summary: HostSummary) => number): number => summaries.map(count).reduce((a, b) => a + b, 0);
  const [passed, expected, failed] = [sum((s) => s.passed), sum((s) => s.expected), sum((s) => s.failed.length)];
  console.log(`\n${passed} passed, ${failed} failed${expected === 0 ? "" : ` (and ${expected} expected failures)`}`);
  return failed === 0;
}

function row(...cells: readonly (string | number)[]): string {
  return cells.map((cell, index) => String(cell).padEnd(COLUMNS[index] ?? 0)).join("").trimEnd();
}
