/**
 * The parts of the test run and what became of each.
 *
 * @module
 */

import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { runGroup } from "./process_group.ts";

/** A part. */
export type PartName = "node" | "deno" | "bun" | "docs" | "npm";

/** All parts, in the order in which they run. */
export const PART_NAMES: readonly PartName[] = ["node", "deno", "bun", "docs", "npm"];

/** What became of a part. */
export interface Outcome {
  /** How many passed. */
  readonly passed: number;
  /** How many failed. */
  readonly failed: number;
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
const TIMEOUT_MS = 300_000;

const VITEST_COMMANDS: Partial<Record<PartName, readonly string[]>> = {
  node: [join(BIN, "node"), VITEST, "run"],
  deno: [join(BIN, "deno"), "run", "-A", VITEST, "run"],
  bun: [join(BIN, "bun"), "--bun", VITEST, "run"],
};

const SCRIPTS: Partial<Record<PartName, readonly string[]>> = {
  docs: [join(BIN, "node"), join(ROOT, "tests", "tools", "check_docs.ts"), "--run"],
  npm: [join(BIN, "node"), join(ROOT, "tests", "npm", "npm_package.ts")],
};

/** Run a part, showing what it prints. `rest` is passed to vitest. */
export async function runPart(part: PartName, rest: readonly string[]): Promise<Outcome> {
  console.log(`\n## ${part}`);
  const startMs = performance.now();
  const command = VITEST_COMMANDS[part];
  const outcome = command === undefined ? await runScript(SCRIPTS[part] ?? []) : await runSuite(part, command, rest);
  return { ...outcome, seconds: (performance.now() - startMs) / 1000 };
}

type Counted = Omit<Outcome, "seconds">;

async function runScript(command: readonly string[]): Promise<Counted> {
  const { status, output } = await runGroup(command, { cwd: ROOT, timeoutMs: TIMEOUT_MS });
  const lines = output.trimEnd().split("\n");
  const found = /^(\d+) passed, (\d+) failed$/.exec(lines.at(-1) ?? "");
  const [passed, failed] = [Number(found?.[1] ?? 0), Number(found?.[2] ?? 0)];
  const skipped = lines.flatMap((line) => /^skipped (.*?): /.exec(line)?.[1] ?? []);
  return { passed, failed, skipped, complaints: statusComplaints(status, failed) };
}

/** The part of vitest's JSON report that is read here. */
interface Report {
  testResults: {
    name: string;
    message: string;
    assertionResults: { status: string; ancestorTitles: string[]; title: string }[];
  }[];
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
  return readReport(report, status);
}

function readReport(path: string, status: string): Counted {
  let report: Report;
  try {
    report = JSON.parse(readFileSync(path, "utf8")) as Report;
  } catch {
    return { passed: 0, failed: 0, skipped: [], complaints: [`vitest wrote no report (${status})`] };
  }
  const results = report.testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ status, ancestorTitles, title }) => ({
      status,
      name: [relative(ROOT, name), ...ancestorTitles, title].join(" > "),
    }))
  );
  const count = (wanted: string): number => results.filter(({ status }) => status === wanted).length;
  const [passed, failed] = [count("passed"), count("failed")];
  const skipped = results.filter(({ status }) => status !== "passed" && status !== "failed").map(({ name }) => name);
  const broken = report.testResults.filter(({ assertionResults }) => assertionResults.length === 0);
  const complaints = broken.map(({ name, message }) => `${relative(ROOT, name)} has no tests: ${message}`);
  return { passed, failed, skipped, complaints: [...complaints, ...statusComplaints(status, failed + broken.length)] };
}

function statusComplaints(status: string, failed: number): string[] {
  return status === "status 0" || (failed > 0 && status === "status 1") ? [] : [`the run ended with ${status}`];
}
