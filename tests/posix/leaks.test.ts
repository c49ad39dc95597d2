/** Nothing of a guest stays behind in its host, however it ended. */

import { join } from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { hasProc } from "./descriptor_files.ts";
import type { LeakReport } from "./holdings.ts";
import { inProcessOf } from "./in_process.ts";
import { leakComplaints } from "./leak_bounds.ts";
import { temporaryDirectory } from "./temporary.ts";

/** `WASIRUN_LEAK_RUNS` asks for more. A component takes longer to be linked; `npm run soak` runs it 10,000 times. */
const MODULE_RUNS = Number(process.env["WASIRUN_LEAK_RUNS"] ?? 3000);
const COMPONENT_RUNS = Number(process.env["WASIRUN_LEAK_RUNS"] ?? 700);
/** A few seconds on a machine that has nothing else to do. */
const TIMEOUT_MS = 600_000;

const MODULES = join(import.meta.dirname, "leaking_process.ts");
const COMPONENTS = join(import.meta.dirname, "..", "commands", "leaking_process.ts");

async function expectNoLeak(script: string, runs: number, endings: readonly string[]): Promise<void> {
  const folder = temporaryDirectory();
  const limits = { ulimit: "-n 150", timeoutMs: TIMEOUT_MS };
  const report = await inProcessOf(script, [String(runs), folder], limits) as LeakReport;
  expect(Object.values(report.runs).reduce((total, count) => total + count)).toBeGreaterThan(runs);
  for (const ending of endings) expect(report.runs[ending], ending).toBeGreaterThan(runs / 200);
  expect(leakComplaints(report, runs, folder)).toEqual([]);
}

test.skipIf(!hasProc)("thousands of guests leave no descriptor, mapping or memory behind", async () => {
  await expectNoLeak(MODULES, MODULE_RUNS, ["return", "exit", "trap", "wait", "open"]);
}, TIMEOUT_MS + 10_000);

test.skipIf(!hasProc)("hundreds of components with files and sockets leave nothing behind", async () => {
  const endings = ["return", "exit", "trap", "open", ...canSuspend() ? ["wait"] : []];
  await expectNoLeak(COMPONENTS, COMPONENT_RUNS, endings);
}, TIMEOUT_MS + 10_000);
