/** Nothing of a guest stays behind in its host, however it ended. */

import process from "node:process";
import { expect, test } from "vitest";
import { hasProc } from "./descriptor_files.ts";
import { scriptInProcess } from "./in_process.ts";
import type { LeakReport } from "./leaking_process.ts";
import { temporaryDirectory } from "./temporary.ts";

/** Each takes three times as long on Bun. `WASIRUN_LEAK_RUNS` asks for more. */
const RUNS = Number(process.env["WASIRUN_LEAK_RUNS"] ?? (process.versions["bun"] === undefined ? 10_000 : 3000));
/** What a runtime may take for itself meanwhile, for each run: far less than a mapping, and the 64 KiB of a guest. */
const MOST_MAPPINGS = 0.05;
const MOST_KILOBYTES = 20;
const MOST_DESCRIPTORS = 8;
/** A few seconds on a machine that has nothing else to do. */
const TIMEOUT_MS = 120_000;

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
  expect(after.descriptors.length - before.descriptors.length).toBeLessThan(MOST_DESCRIPTORS);
  expect(after.mappings - before.mappings).toBeLessThan(RUNS * MOST_MAPPINGS);
  expect((after.megabytes - before.megabytes) * 1024).toBeLessThan(RUNS * MOST_KILOBYTES);
}, TIMEOUT_MS + 10_000);
