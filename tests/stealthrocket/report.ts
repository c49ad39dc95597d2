/**
 * What is printed of the executions.
 *
 * @module
 */

import type { Execution } from "./execute.ts";
import type { Mode, Suite } from "./suites.ts";

const TAIL_LINES = 20;
const SHOWN_COMPLAINTS = 20;
const TELLING = /--- FAIL|_test\.go:\d+: |^panic: |^fatal error: |^wasirun: |^\[.*\] /;
const COLUMN_GAP = 2;

/** Print why a suite failed. */
export function printFailure({ suite, mode, host, complaints, output, seconds }: Execution): void {
  console.log(`FAIL ${host} ${suite.name} ${mode} (${seconds.toFixed(1)} s)`);
  for (const complaint of complaints.slice(0, SHOWN_COMPLAINTS)) console.log(`    ${complaint}`);
  if (complaints.length > SHOWN_COMPLAINTS) console.log(`    and ${complaints.length - SHOWN_COMPLAINTS} more`);
  if (output !== "") console.log(excerpt(output));
}

/** Print a row for each suite and a column for each host and mode. */
export function printTable(
  executions: readonly Execution[],
  hosts: readonly string[],
  modes: readonly Mode[],
  suites: readonly Suite[],
): void {
  const columns = hosts.flatMap((host) => modes.map((mode) => ({ host, mode })));
  const rows = suites.map((suite) => [
    suite.name,
    ...columns.map(({ host, mode }) => cell(executions.find((execution) => isOf(execution, suite, host, mode)))),
  ]);
  const table = [["suite", ...columns.map(({ host, mode }) => `${host} ${mode}`)], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  console.log("");
  for (const row of table) {
    console.log(row.map((text, column) => text.padEnd((widths[column] ?? 0) + COLUMN_GAP)).join("").trimEnd());
  }
  const failed = executions.filter(({ complaints }) => complaints.length > 0).length;
  console.log(`\n${executions.length - failed} of ${executions.length} passed`);
}

function isOf(execution: Execution, suite: Suite, host: string, mode: Mode): boolean {
  return execution.suite === suite && execution.host === host && execution.mode === mode;
}

function cell(execution: Execution | undefined): string {
  if (execution === undefined) return "-";
  const { complaints, passed, expected, skipped, seconds } = execution;
  const verdict = complaints.length > 0 ? "FAIL" : "ok";
  const counts = [[passed, ""], [skipped, " skipped"], [expected, " expected"]] as const;
  const texts = counts.filter(([count, name]) => count > 0 || name === "").map(([count, name]) => `${count}${name}`);
  return `${verdict} ${texts.join(", ")} (${seconds.toFixed(1)} s)`;
}

/** The lines that tell what failed, and the last lines. */
function excerpt(text: string): string {
  const lines = text.trimEnd().split("\n");
  const telling = lines.slice(0, -TAIL_LINES).filter((line) => TELLING.test(line)).slice(0, TAIL_LINES);
  return [...telling, ...lines.slice(-TAIL_LINES)].map((line) => `    | ${line}`).join("\n");
}
