/** Many runs of a component in one process of a runtime. */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { LeakReport } from "../posix/holdings.ts";
import { collectingRuntime } from "../posix/in_process.ts";
import { leakComplaints } from "../posix/leak_bounds.ts";
import { describeEnd, runProcess } from "../suites/process.ts";
import type { Execution, Host } from "../suites/suite.ts";

const RUNS = 10_000;
const SCRIPT = join(import.meta.dirname, "..", "commands", "leaking_process.ts");

/**
 * Run it.
 *
 * @param host The runtime.
 * @param seconds How long it may take.
 */
export async function soakComponent({ name, executable }: Host, seconds: number): Promise<Execution> {
  const folder = await mkdtemp(join(tmpdir(), "wasirun-soak-"));
  try {
    const runtime = collectingRuntime(name as "deno" | "bun" | "node", executable);
    const words = [...runtime, SCRIPT, String(RUNS), folder];
    const result = await runProcess(words, { timeoutMs: seconds * 1000, stdin: "null" });
    if (result.exitCode !== 0) return { complaints: [describeEnd(result)], output: result.output };
    const report = JSON.parse(result.stdout) as LeakReport;
    const { before, after, runs } = report;
    const note = `${RUNS} runs in ${report.seconds.toFixed(1)} s: ${before.descriptors.length} descriptors before, ` +
      `${after.descriptors.length} after; ${before.megabytes.toFixed(1)} MB before, ${
        after.megabytes.toFixed(1)
      } after`;
    return { complaints: leakComplaints(report, RUNS, folder), output: JSON.stringify({ runs, before, after }), note };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
