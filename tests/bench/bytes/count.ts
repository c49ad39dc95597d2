/**
 * Counts what calls allocate on the runtime that runs this, and prints a line of JSON. Started by run.ts, with a pipe
 * as standard input that can be read.
 *
 * `count.ts posix|runtime PORT`
 *
 * @module
 */

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { Platform } from "../../../src/contract/platform.ts";
import { detectPlatform } from "../../../src/platform/detect.ts";
import { instantiateGuest } from "../../../src/runtime/guest/instantiate_guest.ts";
import { type LoadingModule, startLoading } from "../../../src/runtime/module/load.ts";
import { loopCallsModule, loopModule } from "../../tools/loop_module.ts";
import { COMPONENT_CASES, componentRuns } from "./component_cases.ts";
import { collectGarbage, heapCounter } from "./heap.ts";
import { type Case, CASES, FILE_BYTES, FILES, fillMemory } from "./cases.ts";

/** One row. */
export interface Row {
  /** Of a case. */
  readonly name: string;
  /** Bytes of a call, or why there are none. */
  readonly bytes: number | string;
}

/** Names of rows with a call that is known to allocate nothing, and one that is known to allocate. */
export const CONTROL = { nothing: "(a function without parameters)", bigint: "(a function of a bigint)" } as const;

/** So many that what a compiler or the counter itself allocates is nothing for one, and that all cases take seconds. */
const CALLS = 50_000;
/** Before: all is compiled, and has had its memory grown. */
const WARM_UP = 100_000;
const ROUNDS = 5;

type Run = (n: number) => number;

/** The median of some rounds: what the engine does beside the calls does not happen in most. */
function bytesOf(run: Run, used: () => number): number {
  run(WARM_UP);
  const rounds: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    collectGarbage();
    // The first look after a collection takes memory itself.
    used();
    const before = used();
    run(CALLS);
    rounds.push((used() - before) / CALLS);
  }
  return rounds.sort((a, b) => a - b)[ROUNDS >> 1]!;
}

async function count(counted: Case, platform: Platform, folder: string, port: string): Promise<number> {
  const loading = await startLoading(loopCallsModule(counted.calls, counted.once), platform) as LoadingModule;
  const net = counted.given === "connection" ? { net: { dial: [`127.0.0.1:${port}`] } } : {};
  const guest = await instantiateGuest(
    loading,
    { preopens: { "/": folder }, stdin: "inherit", ...net },
    platform,
    "block",
  );
  try {
    const { memory, prepare, run } = guest.exports as {
      memory: WebAssembly.Memory;
      prepare: () => number;
      run: Run;
    };
    fillMemory(memory);
    const errno = prepare() || run(2);
    if (errno !== 0) throw new Error(`errno ${errno}`);
    return bytesOf(run, await heapCounter());
  } finally {
    guest.close();
  }
}

async function countComponent(platform: Platform, folder: string): Promise<Row[]> {
  const used = await heapCounter();
  const rows: Row[] = [];
  const { runs, close } = await componentRuns(platform, folder);
  for (const [index, name] of COMPONENT_CASES.entries()) {
    try {
      rows.push({ name, bytes: bytesOf((n) => runs(index, n), used) });
    } catch (error) {
      rows.push({ name, bytes: (error as Error).message });
    }
  }
  await close();
  return rows;
}

async function controls(): Promise<Row[]> {
  const used = await heapCounter();
  const imports = { wasi_snapshot_preview1: { sched_yield: (): number => 0, clock_time_get: (): number => 0 } };
  const modules = {
    [CONTROL.nothing]: loopModule("sched_yield"),
    [CONTROL.bigint]: loopModule("clock_time_get", 1, 1000n, 8),
  };
  return Object.entries(modules).map(([name, bytes]) => {
    const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports as { run: Run };
    return { name, bytes: bytesOf(run, used) };
  });
}

async function platformOf(name: string): Promise<Platform> {
  return name === "posix" ? (await import("../../../src/platform/posix/mod.ts")).posix() : detectPlatform()();
}

async function main([name = "", port = ""]: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "wasirun-bytes-"));
  const rows = await controls();
  try {
    for (const file of FILES) writeFileSync(join(folder, file), new Uint8Array(FILE_BYTES));
    const platform = await platformOf(name);
    for (const counted of CASES) {
      try {
        rows.push({ name: counted.name, bytes: await count(counted, platform, folder, port) });
      } catch (error) {
        rows.push({ name: counted.name, bytes: (error as Error).message });
      }
    }
    rows.push(...await countComponent(platform, folder));
  } finally {
    rmSync(folder, { recursive: true });
  }
  console.log(JSON.stringify(rows));
}

if (import.meta.main) {
  await main(process.argv.slice(2));
  // Sockets and streams of the runtime may still wait.
  process.exit();
}
