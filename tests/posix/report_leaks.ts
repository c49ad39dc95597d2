/** The end of a program that runs many guests: what there was before and after them, as JSON. */

import process from "node:process";
import { holdings, type LeakReport } from "./holdings.ts";

/** How many runs there are before anything is counted, and how many after. */
export interface LeakRuns {
  readonly warmUp: number;
  readonly runs: number;
}

/**
 * Run guests, print a {@linkcode LeakReport}, and end the process.
 *
 * @param runAll Runs so many guests.
 * @param counts How many runs ended in each way, once they have run.
 */
export async function reportLeaks(
  { warmUp, runs }: LeakRuns,
  runAll: (count: number) => Promise<void>,
  counts: Readonly<Record<string, number>>,
): Promise<never> {
  await runAll(warmUp);
  const before = await holdings();
  const startMs = performance.now();
  await runAll(runs);
  const seconds = (performance.now() - startMs) / 1000;
  const after = await holdings();
  console.log(JSON.stringify({ before, after, runs: counts, seconds } satisfies LeakReport));
  // Waiting may have left a thread of the runtime.
  process.exit(0);
}
