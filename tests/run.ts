/**
 * Runs the tests and counts: the vitest suite on Node, Deno and Bun, the code of the documentation, the npm package.
 *
 * `node tests/run.ts [--update] [node] [deno] [bun] [docs] [npm] [-- arguments of vitest]`
 *
 * A part fails if a test fails, if it has no tests or fewer than `counts.json` says, or if other tests were
 * skipped than those that are listed there. `--update` writes the counts of this run.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Outcome, PART_NAMES, type PartName, runParts } from "./tools/test_parts.ts";
import type { Failure } from "./tools/test_report.ts";

/** A test that may be skipped. */
interface Skip {
  /** File and name, as the run prints it. */
  readonly test: string;
  /** Where. */
  readonly parts: readonly PartName[];
  /** Why. */
  readonly reason: string;
  /** True if it depends on the machine: then it is no fault that the test ran. */
  readonly optional?: boolean;
}

/** `counts.json`. */
interface Counts {
  /** How many tests must pass at least. */
  minimum: Partial<Record<PartName, number>>;
  /** What may be skipped. */
  skips: readonly Skip[];
}

const COUNTS = join(import.meta.dirname, "counts.json");

function readArguments(): { parts: readonly PartName[]; update: boolean; rest: readonly string[] } {
  const all = process.argv.slice(2);
  const end = all.includes("--") ? all.indexOf("--") : all.length;
  const own = all.slice(0, end);
  const names = own.filter((name) => name !== "--update");
  const unknown = names.find((name) => !PART_NAMES.some((part) => part === name));
  if (unknown !== undefined) throw new TypeError(`Unknown part "${unknown}": choose of ${PART_NAMES.join(", ")}`);
  const parts = PART_NAMES.filter((part) => names.length === 0 || names.includes(part));
  return { parts, update: own.includes("--update"), rest: all.slice(end + 1) };
}

function complaintsOf(part: PartName, outcome: Outcome, counts: Counts): string[] {
  const complaints = [...outcome.complaints];
  const listed = counts.skips.filter(({ parts }) => parts.includes(part));
  const ran = outcome.passed + outcome.failures.length;
  const excused = listed.filter(({ test, optional }) => optional === true && outcome.skipped.includes(test)).length;
  const minimum = counts.minimum[part] ?? 1;
  if (ran === 0) complaints.push("no test ran");
  else if (ran + excused < minimum) {
    complaints.push(`${ran} tests ran, but counts.json wants ${minimum}; if that is meant: npm run test:counts`);
  }
  for (const name of outcome.skipped) {
    if (!listed.some(({ test }) => test === name)) complaints.push(`skipped, but not listed in counts.json: ${name}`);
  }
  for (const { test, optional } of listed) {
    if (optional !== true && !outcome.skipped.includes(test)) {
      complaints.push(`listed in counts.json as skipped, but it was not: ${test}`);
    }
  }
  return complaints;
}

/** The failed and the retried tests of a part, each with the reason: a log is often only kept from its end. */
function reasonsOf(part: PartName, { failures, retried }: Outcome): string[] {
  const line = (word: string) => ({ test, reason }: Failure): string => `${word} ${part}: ${test}\n    ${reason}`;
  return [...retried.map(line("RETRIED")), ...failures.map(line("FAILED"))];
}

async function main(): Promise<void> {
  const { parts, update, rest } = readArguments();
  const counts = JSON.parse(readFileSync(COUNTS, "utf8")) as Counts;
  const total = { passed: 0, failed: 0, skipped: 0 };
  const lines: string[] = [];
  const reasons: string[] = [];
  for (const [index, outcome] of (await runParts(parts, rest)).entries()) {
    const part = parts[index]!;
    const complaints = update || rest.length > 0 ? outcome.complaints : complaintsOf(part, outcome, counts);
    if (update) counts.minimum[part] = outcome.passed + outcome.failures.length;
    total.passed += outcome.passed;
    total.failed += outcome.failures.length + complaints.length;
    total.skipped += outcome.skipped.length;
    reasons.push(...reasonsOf(part, outcome));
    const { passed, failures, skipped, seconds } = outcome;
    const counted = `${passed} passed, ${failures.length} failed, ${skipped.length} skipped`;
    lines.push(`${part}: ${counted} in ${seconds.toFixed(1)} s`);
    lines.push(...complaints.map((complaint) => `${part}: ${complaint}`));
  }
  if (update) writeFileSync(COUNTS, `${JSON.stringify(counts, undefined, 2)}\n`);
  if (reasons.length > 0) console.log(`\n${reasons.join("\n")}`);
  console.log(`\n${lines.join("\n")}`);
  console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
  process.exitCode = total.failed === 0 ? 0 : 1;
}

await main();
