/**
 * `npm run bench`: what a call and a start cost, beside `node:wasi` of the same runtime, what calls and sockets cost,
 * beside a native program and other hosts, and what calls allocate.
 *
 * `npm run bench -- [deno] [bun] [node] [--calls] [--native] [--bytes] [--startup] [--net] [--components]`
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import type { Row } from "./calls.ts";
import { printBytes } from "./bytes/run.ts";
import { printComponents } from "./components/run.ts";
import { printComponentStarts } from "./components/start.ts";
import { printNative } from "./native/run.ts";
import { printNetwork } from "./network/run.ts";
import { measureStartup } from "./startup.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "node_modules", ".bin");
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  deno: [join(BIN, "deno"), "run", "-A"],
  bun: [join(BIN, "bun")],
  node: [join(BIN, "node"), "--no-warnings"],
};

const PARTS: readonly string[] = ["--calls", "--native", "--bytes", "--startup", "--net", "--components"];

const CALLS_TIMEOUT_MS = 300_000;

function measureCalls(runtime: string): Row[] {
  const [program = "", ...args] = RUNTIMES[runtime] ?? [];
  const { status, stdout, stderr } = spawnSync(program, [...args, join(import.meta.dirname, "calls.ts")], {
    encoding: "utf8",
    timeout: CALLS_TIMEOUT_MS,
    stdio: ["ignore", "pipe", "pipe"],
  });
  if (status !== 0) throw new Error(`Cannot measure the calls on ${runtime}: status ${status}\n${stderr}`);
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as Row[];
}

function nsText(value: number | string | undefined): string {
  return (typeof value === "number" ? value.toFixed(value < 1000 ? 1 : 0) : "-").padStart(11);
}

function ratioText(own: number | string | undefined, other: number | string | undefined): string {
  if (typeof own !== "number" || typeof other !== "number") return "-".padStart(7);
  return (own / other).toFixed(2).padStart(7);
}

function printCalls(runtime: string, rows: readonly Row[]): void {
  console.log(`\n${runtime}: ns for a call from WebAssembly; ratio below 1: wasirun is faster`);
  console.log(
    `${"".padEnd(30)}${"runSync".padStart(11)}${"run".padStart(11)}${"node:wasi".padStart(11)}` +
      `${"ratio".padStart(7)}${"bytes".padStart(9)}`,
  );
  for (const { name, ns, bytes } of rows) {
    const own = ns["runSync"];
    const other = ns["node:wasi"];
    console.log(
      name.padEnd(30) + nsText(own) + nsText(ns["run"]) + nsText(other) + ratioText(own, other) +
        (bytes === undefined ? "-" : bytes.toFixed(0)).padStart(9),
    );
    if (typeof other === "string") console.log(`  node:wasi can't do it: ${other}`);
  }
}

async function printStartup(runtimes: readonly string[]): Promise<void> {
  if (!existsSync(join(ROOT, "npm", "bin", "wasirun.js"))) {
    throw new Error("Cannot time starts: run npm run build first");
  }
  console.log("\nstart of hello.wasm (Go) by the installed command: medians in ms, and ms more than an empty script");
  console.log(
    `${"".padEnd(8)}${"empty".padStart(9)}${"wasirun".padStart(9)}${"more".padStart(9)}` +
      `${"node:wasi".padStart(11)}${"ratio".padStart(7)}`,
  );
  for (const runtime of runtimes) {
    const { emptyMs, wasirunMs, nodeWasiMs } = await measureStartup(runtime);
    const more = wasirunMs - emptyMs;
    console.log(
      runtime.padEnd(8) + emptyMs.toFixed(1).padStart(9) + wasirunMs.toFixed(1).padStart(9) +
        more.toFixed(1).padStart(9) +
        nodeWasiMs.toFixed(1).padStart(11) + (wasirunMs / nodeWasiMs).toFixed(2).padStart(7),
    );
  }
}

async function main(args: readonly string[]): Promise<void> {
  const unknown = args.find((arg) => !(arg in RUNTIMES) && !PARTS.includes(arg));
  if (unknown !== undefined) throw new Error(`Cannot use ${unknown}: write deno, bun, node, ${PARTS.join(" or ")}`);
  const named = args.filter((arg) => arg in RUNTIMES);
  const runtimes = named.length > 0 ? named : Object.keys(RUNTIMES);
  const all = !PARTS.some((part) => args.includes(part));
  if (all || args.includes("--calls")) {
    for (const runtime of runtimes) printCalls(runtime, measureCalls(runtime));
  }
  if (all || args.includes("--native")) await printNative(runtimes);
  if (all || args.includes("--bytes")) await printBytes(runtimes);
  if (all || args.includes("--startup")) {
    await printStartup(runtimes);
    await printComponentStarts(runtimes);
  }
  if (all || args.includes("--net")) await printNetwork(runtimes);
  if (all || args.includes("--components")) {
    await printComponents(Object.fromEntries(runtimes.map((name) => [name, RUNTIMES[name] ?? []])));
  }
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
