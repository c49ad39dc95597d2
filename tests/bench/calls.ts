/**
 * Measures the calls on the runtime that runs this file, and prints a line of JSON. Started by run.ts.
 *
 * @module
 */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { detectPlatform } from "../../src/platform/detect.ts";
import { canSuspend } from "../../src/runtime/jspi.ts";
import { type Case, CASES, preparedGuest } from "./cases.ts";
import { type Host, nodeWasiHost, wasirunHost } from "./hosts.ts";

/** Rounds, of which the best counts: what is slower was disturbed. */
const ROUNDS = 9;

/** How long one round takes at least (ms). */
const ROUND_MS = 15;

type Run = (n: number) => number | Promise<unknown>;

/** One row: ns of a call by host, or why a host could not be measured; and bytes that a call allocates. */
export interface Row {
  readonly name: string;
  readonly ns: Record<string, number | string>;
  readonly bytes: number | undefined;
}

function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "wasirun-bench-"));
  writeFileSync(join(folder, "file"), new Uint8Array(8192));
  mkdirSync(join(folder, "many"));
  for (let i = 0; i < 1000; i++) writeFileSync(join(folder, "many", `f${i}`), "");
  return folder;
}

async function prepare(measured: Case, host: Host): Promise<Run> {
  const module = await WebAssembly.compile(measured.module());
  const instance = new WebAssembly.Instance(module, { wasi_snapshot_preview1: host.imports });
  const memory = instance.exports["memory"] as WebAssembly.Memory;
  host.attach(memory);
  measured.prepare(preparedGuest(memory, host.opener ?? host.imports));
  const run = host.wrap(instance.exports["run"] as (n: number) => number);
  const errno = await run(1);
  if (errno !== 0) throw new Error(`errno ${errno}`);
  return run;
}

async function timeOf(run: Run, n: number): Promise<number> {
  const start = performance.now();
  await run(n);
  return performance.now() - start;
}

async function repetitions(run: Run): Promise<number> {
  for (let n = 16;; n *= 4) {
    const ms = await timeOf(run, n);
    if (ms > ROUND_MS / 4) return Math.max(Math.ceil(n * ROUND_MS / ms), 1);
  }
}

async function measure(measured: Case, hosts: readonly Host[]): Promise<Row> {
  const ns: Record<string, number | string> = {};
  const runs: { name: string; run: Run; n: number }[] = [];
  for (const host of hosts) {
    try {
      const run = await prepare(measured, host);
      runs.push({ name: host.name, run, n: await repetitions(run) });
    } catch (error) {
      ns[host.name] = error instanceof Error ? error.message : String(error);
    }
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const { name, run, n } of runs) {
      const each = await timeOf(run, n) * 1e6 / n;
      ns[name] = Math.min(typeof ns[name] === "number" ? ns[name] : Infinity, each);
    }
  }
  const own = runs.find(({ name }) => name === "runSync");
  return { name: measured.name, ns, bytes: own === undefined ? undefined : await allocated(own.run) };
}

/** Bytes that one call allocates, by the growth of the heap over calls too few for a collection; undefined if it can't be told. */
async function allocated(run: Run): Promise<number | undefined> {
  const used = heapUsed();
  if (used === undefined) return undefined;
  const samples: number[] = [];
  for (let i = 0; i < 15; i++) {
    const before = used();
    await run(500);
    const after = used();
    if (after >= before) samples.push((after - before) / 500);
  }
  samples.sort((a, b) => a - b);
  return samples[samples.length >> 1];
}

function heapUsed(): (() => number) | undefined {
  if (process.versions["bun"] !== undefined) return undefined;
  return () => process.memoryUsage().heapUsed;
}

const folder = makeFolder();
try {
  const platform = detectPlatform()();
  const rows: Row[] = [];
  for (const measured of CASES) {
    const hosts = [wasirunHost(platform, folder, "block"), await nodeWasiHost(folder)];
    if (canSuspend()) hosts.push(wasirunHost(platform, folder, "suspend"));
    rows.push(await measure(measured, hosts));
  }
  console.log(JSON.stringify(rows));
} finally {
  rmSync(folder, { recursive: true });
}
