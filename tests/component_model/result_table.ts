/** Counts the results of commands by folder. */

import type { CommandResult } from "./execute.ts";

/** A verdict, or `expected` for a failure that is listed. */
type Verdict = CommandResult["verdict"] | "expected";

const COLUMNS: readonly Verdict[] = ["passed", "assembler", "expected", "failed"];

/** Counts the results of commands by host and folder. */
export class ResultTable {
  readonly #counts = new Map<string, Record<Verdict, number>>();

  /** Count a result. */
  add(host: string, folder: string, verdict: Verdict): void {
    const key = `${host.padEnd(7)}${folder}`;
    const counts = this.#counts.get(key) ?? { passed: 0, assembler: 0, expected: 0, failed: 0 };
    counts[verdict]++;
    this.#counts.set(key, counts);
  }

  /** The table, one line for each host and folder. */
  lines(): string[] {
    const row = (first: string, cells: readonly (string | number)[]): string =>
      first.padEnd(24) + cells.map((cell) => String(cell).padStart(11)).join("");
    return [
      row("Commands", COLUMNS),
      ...[...this.#counts].map(([key, counts]) => row(key, COLUMNS.map((column) => counts[column]))),
    ];
  }
}
