/** Nothing of a guest stays behind in its host, however it ended. */

import process from "node:process";
import { expect, test } from "vitest";
import { hasProc } from "./descriptor_files.ts";
import { scriptInProcess } from "./in_process.ts";
import type { LeakReport } from "./leaking_process.ts";
import { temporaryDirectory } from "./temporary.ts";

/** `WASIRUN_LEAK_RUNS` asks for more. */
const RUNS = Number(process.env["WASIRUN_LEAK_RUNS"] ?? 3000);
/** What a runtime may take for itself meanwhile, for each run: far less than a mapping, and the 64 KiB of a guest. */
const MAX_MAPPINGS = 0.05;
/** What the engine maps for itself once, however many runs follow: its heap and compiled code. */
const ENGINE_MAPPINGS = 150;
const MAX_KILOBYTES = 10;
/** What the engine keeps once: compiled code and a heap that has grown. Seen: up to 80 on Deno, most of it within the first 3,000 runs. */
const ENGINE_MEGABYTES = 100;
const MAX_DESCRIPTORS = 8;
/** A few seconds on a machine that has nothing else to do. */
const TIMEOUT_MS = 600_000;

test.skipIf(!hasProc)("thousands of guests leave no descriptor, mapping or memory behind", async () => {
  const folder = temporaryDirectory();
  const limits = { ulimit: "-n 150", timeoutMs: TIMEOUT_MS };
  const { before, after, runs } = await scriptInProcess(
    "leaking_process.ts",
    [String(RUNS), folder],
    limits,
  ) as LeakReport;
  expect(Object.values(runs).reduce((total, count) => total + count)).toBeGreaterThan(RUNS);
  for (const ending of ["return", "exit", "trap", "wait", "open"]) {
    expect(runs[ending], ending).toBeGreaterThan(RUNS / 200);
  }
  expect(after.descriptors.filter((descriptor) => descriptor.includes(folder))).toEqual([]);
  expect(after.descriptors.length - before.descriptors.length).toBeLessThan(MAX_DESCRIPTORS);
  expect(after.mappings - before.mappings).toBeLessThan(ENGINE_MAPPINGS + RUNS * MAX_MAPPINGS);
  expect(after.megabytes - before.megabytes).toBeLessThan(ENGINE_MEGABYTES + RUNS * MAX_KILOBYTES / 1024);
}, TIMEOUT_MS + 10_000);
