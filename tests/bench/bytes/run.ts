/** What calls allocate once all is compiled: a guest calls them 200,000 times, and the engine tells how much. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { startPeer } from "../native/peer.ts";
import { CONTROL, type Row } from "./count.ts";

const BIN = join(import.meta.dirname, "..", "..", "..", "node_modules", ".bin");
const TIMEOUT_MS = 120_000;
/** Below this a call allocates nothing: it is what the engine does now and then. */
const NOTHING = 0.1;
/** An engine that tells less for a bigint was not understood. */
const MIN_BIGINT = 8;
const NAME_WIDTH = 34;
const CELL_WIDTH = 12;

/** Nothing is collected unless it is asked for: the young generation (MiB) holds what one round allocates. */
const V8_FLAGS: readonly string[] = ["--expose-gc", "--min-semi-space-size=256", "--max-semi-space-size=256"];

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  deno: [join(BIN, "deno"), "run", "-A", `--v8-flags=${V8_FLAGS.join(",")}`],
  bun: [join(BIN, "bun")],
  node: [join(BIN, "node"), "--no-warnings", ...V8_FLAGS],
};

const PLATFORMS: readonly string[] = ["posix", "runtime"];

/**
 * Count and print.
 *
 * @param runtimes `deno`, `bun` or `node`.
 */
export async function printBytes(runtimes: readonly string[]): Promise<void> {
  const peer = await startPeer();
  const columns: { name: string; rows: ReadonlyMap<string, number | string> }[] = [];
  try {
    for (const platform of PLATFORMS) {
      for (const runtime of runtimes) {
        const rows = await count(runtime, platform, peer.port);
        const name = platform === "posix" ? runtime : `${runtime} rt`;
        columns.push({ name, rows: new Map(rows.map((row) => [row.name, row.bytes])) });
      }
    }
  } finally {
    peer.close();
  }
  console.log(`\nbytes that a call from WebAssembly allocates; below ${NOTHING} is none; rt: --platform runtime`);
  console.log(" ".repeat(NAME_WIDTH) + columns.map(({ name }) => name.padStart(CELL_WIDTH)).join(""));
  for (const name of columns[0]?.rows.keys() ?? []) {
    console.log(name.padEnd(NAME_WIDTH) + columns.map(({ rows }) => cell(rows.get(name))).join(""));
  }
  for (const column of columns) {
    for (const [name, bytes] of column.rows) {
      if (typeof bytes === "string") console.log(`${column.name} can't do ${name}: ${bytes}`);
    }
  }
}

function cell(bytes: number | string | undefined): string {
  return (typeof bytes === "number" ? bytes < NOTHING ? "0" : bytes.toFixed(2) : "-").padStart(CELL_WIDTH);
}

async function count(runtime: string, platform: string, port: number): Promise<readonly Row[]> {
  const [program = "", ...words] = COMMANDS[runtime] ?? [];
  const args = [...words, join(import.meta.dirname, "count.ts"), platform, String(port)];
  const env = { ...process.env, BUN_JSC_useGC: "0" };
  const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"], timeout: TIMEOUT_MS });
  child.stdin.write("x");
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Uint8Array) => stdout += chunk);
  child.stderr.on("data", (chunk: Uint8Array) => stderr += chunk);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (status !== 0) throw new Error(`Cannot count what calls allocate on ${runtime}: status ${status}\n${stderr}`);
  const rows = JSON.parse(stdout.trim().split("\n").at(-1) ?? "[]") as Row[];
  const [nothing, bigint] = [CONTROL.nothing, CONTROL.bigint].map((name) => bytesNamed(rows, name)) as [number, number];
  if (!(nothing < NOTHING && bigint >= MIN_BIGINT)) {
    throw new Error(
      `Cannot count what calls allocate on ${runtime}: it tells ${nothing} bytes for nothing, ${bigint} for a bigint`,
    );
  }
  return rows;
}

function bytesNamed(rows: readonly Row[], wanted: string): number {
  return Number(rows.find(({ name }) => name === wanted)?.bytes);
}
