/**
 * Many runs of guests in one process: `leaking_process.ts RUNS FOLDER` writes as JSON what there was before and after.
 *
 * @module
 */

import fs from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { run, runSync, TrapError } from "wasirun";
import { posix } from "../../src/platform/posix/mod.ts";
import { Errno } from "../../src/witx/errno.ts";
import { GUEST_ENDINGS, GUEST_FILES, type GuestEnding, leakingGuest } from "./leaking_guests.ts";
import { reportLeaks } from "./report_leaks.ts";

const WARM_UP = 400;
const [runs = "0", folder = ""] = process.argv.slice(2);
const guests = Object.fromEntries(
  GUEST_ENDINGS.map((ending) => [ending, new WebAssembly.Module(leakingGuest(ending))]),
);
const counts: Record<string, number> = {};

for (const file of GUEST_FILES) {
  fs.mkdirSync(join(folder, file, ".."), { recursive: true });
  fs.writeFileSync(join(folder, file), "");
}
fs.symlinkSync("dir", join(folder, "link"));

async function end(ending: GuestEnding, blocking: boolean): Promise<unknown> {
  const options = { platform: posix(), preopens: { "/": folder } };
  try {
    if (ending !== "wait") {
      return (blocking ? runSync(guests[ending]!, options) : await run(guests[ending]!, options)).exitCode;
    }
    const controller = new AbortController();
    const running = run(guests[ending]!, { ...options, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("aborted")));
    return (await running).exitCode;
  } catch (error) {
    return error instanceof TrapError ? "trap" : (error as Error).message;
  }
}

const EXPECTED: Readonly<Record<GuestEnding, unknown>> = {
  return: 0,
  exit: 3,
  trap: "trap",
  wait: "aborted",
  open: Errno.MFILE,
};

async function runAll(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    // Those that wait or open hundreds of files take longer, and are fewer.
    const ending: GuestEnding = i % 40 === 7 ? "wait" : i % 100 === 9 ? "open" : GUEST_ENDINGS[i % 3]!;
    const blocking = i % 2 === 0 && ending !== "wait";
    const ended = await end(ending, blocking);
    if (ended !== EXPECTED[ending]) throw new Error(`Run ${i}, which should ${ending}, ended with ${String(ended)}`);
    counts[ending] = (counts[ending] ?? 0) + 1;
  }
}

await reportLeaks({ warmUp: WARM_UP, runs: Number(runs) }, runAll, counts);
