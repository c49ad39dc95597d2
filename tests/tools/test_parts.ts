/**
 * The parts of the test run and what became of each.
 *
 * @module
 */

import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runGroup } from "./process_group.ts";
import { type Failure, readReport, type ReportSummary } from "./test_report.ts";

/** A part. */
export type PartName = "node" | "deno" | "bun" | "docs" | "npm";

/** All parts, in the order in which they run. */
export const PART_NAMES: readonly PartName[] = ["node", "deno", "bun", "docs", "npm"];

/** What became of a part. */
export interface Outcome {
  /** How many passed. */
  readonly passed: number;
  /** The tests that failed. */
  readonly failures: readonly Failure[];
  /** The tests that failed first and passed when they were retried. */
  readonly retried: readonly Failure[];
  /** File and name of what was skipped. */
  readonly skipped: readonly string[];
  /** What is wrong beside failed tests. */
  readonly complaints: readonly string[];
  /** How long it took. */
  readonly seconds: number;
}

const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "node_modules", ".bin");
const VITEST = join(ROOT, "node_modules", "vitest", "vitest.mjs");
const TIMEOUT_MS = 1_800_000;
/** The package is compiled, bundled and loaded in a browser, which may have to be installed first. */
const SCRIPT_TIMEOUT_MS = 900_000;

const VITEST_COMMANDS: Partial<Record<PartName, readonly string[]>> = {
  node: [join(BIN, "node"), VITEST, "run"],
  deno: [join(BIN, "deno"), "run", "-A", VITEST, "run"],
  bun: [join(BIN, "bun"), "--bun", VITEST, "run"],
};

const SCRIPTS: Partial<Record<PartName, readonly string[]>> = {
  docs: [join(BIN, "node"), join(ROOT, "tests", "tools", "check_docs.ts"), "--run"],
  npm: [join(BIN, "node"), join(ROOT, "tests", "npm", "npm_package.ts")],
};

/**
 * Runs parts, showing what they print. The suites use two processors each and run one after the other; the other parts
 * use one each and run at the same time.
 *
 * @param parts Which ones.
 * @param rest Passed to vitest.
 * @returns What became of them, in the same order.
 */
export async function runParts(parts: readonly PartName[], rest: readonly string[]): Promise<Outcome[]> {
  const outcomes: Partial<Record<PartName, Outcome>> = {};
  for (const part of parts) {
    const command = VITEST_COMMANDS[part];
    if (command !== undefined) outcomes[part] = await timed(part, () => runSuite(part, command, rest));
  }
  await Promise.all(parts.map(async (part) => {
    const command = SCRIPTS[part];
    if (command !== undefined) outcomes[part] = await timed(part, () => runScript(command));
  }));
  return parts.map((part) => outcomes[part]!);
}

async function timed(part: PartName, run: () => Promise<Counted>): Promise<Outcome> {
  console.log(`\n## ${part}`);
  const startMs = performance.now();
  return { ...await run(), seconds: (performance.now() - startMs) / 1000 };
}

type Counted = Omit<Outcome, "seconds">;

async function runScript(command: readonly string[]): Promise<Counted> {
  const { status, output } = await runGroup(command, { cwd: ROOT, timeoutMs: SCRIPT_TIMEOUT_MS, show: "at the end" });
  const lines = output.trimEnd().split("\n");
  const passed = Number(/^(\d+) passed, \d+ failed$/.exec(lines.at(-1) ?? "")?.[1] ?? 0);
  const failures = lines.flatMap((line, index) => {
    const test = /^FAILED (.*)/.exec(line)?.[1];
    return test === undefined ? [] : [{ test, reason: (lines[index + 1] ?? "").trim() }];
  });
  const skipped = lines.flatMap((line) => /^skipped (.*?): /.exec(line)?.[1] ?? []);
  return { passed, failures, retried: [], skipped, complaints: statusComplaints(status, failures.length) };
}

async function runSuite(part: PartName, command: readonly string[], rest: readonly string[]): Promise<Counted> {
  const report = join(ROOT, ".build", "test", `${part}.json`);
  mkdirSync(join(ROOT, ".build", "test"), { recursive: true });
  rmSync(report, { force: true });
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${report}`];
  const { status } = await runGroup([...command, ...reporters, ...rest], {
    cwd: ROOT,
    timeoutMs: TIMEOUT_MS,
    env: { WASIRUN_TEST_RUNTIME: part },
  });
  return outcomeOf(report, status);
}

function outcomeOf(path: string, status: string): Counted {
  let summary: ReportSummary;
  try {
    summary = readReport(path, ROOT);
  } catch {
    return { passed: 0, failures: [], retried: [], skipped: [], complaints: [`vitest wrote no report (${status})`] };
  }
  const { passed, failures, retried, skipped, broken } = summary;
  const complaints = broken.map(({ test, reason }) => `${test} has no tests: ${reason}`);
  const failed = failures.length + broken.length;
  return { passed, failures, retried, skipped, complaints: [...complaints, ...statusComplaints(status, failed)] };
}

function statusComplaints(status: string, failed: number): string[] {
  return status === "status 0" || (failed > 0 && status === "status 1") ? [] : [`the run ended with ${status}`];
}
