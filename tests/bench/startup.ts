/** How much longer than an empty script the installed command takes to run a Go program, compiling it included. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { goGuest } from "../tools/guests.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const BIN = join(ROOT, "node_modules", ".bin");

/** Starts of each, taken in turn. */
const STARTS = 21;

/** Medians of one runtime, in ms. */
export interface Startup {
  /** Name of the runtime. */
  readonly runtime: string;
  /** An empty script. */
  readonly emptyMs: number;
  /** `wasirun hello.wasm` by the package's launcher. */
  readonly wasirunMs: number;
  /** The same module under `node:wasi`. */
  readonly nodeWasiMs: number;
}

const NODE_WASI_SCRIPT = `
import { readFileSync } from "node:fs";
import { WASI } from "node:wasi";
import process from "node:process";
const wasi = new WASI({ version: "preview1", args: ["hello.wasm"] });
const module = await WebAssembly.compile(readFileSync(process.argv[2]));
const imports = { wasi_snapshot_preview1: wasi.wasiImport };
process.exitCode = wasi.start(await WebAssembly.instantiate(module, imports)) ?? 0;
`;

function commandOf(runtime: string): readonly string[] {
  return runtime === "deno" ? [join(BIN, "deno"), "run", "-A"] : [join(BIN, runtime)];
}

function time(command: readonly string[], env: Readonly<Record<string, string>>): number {
  const [program = "", ...args] = command;
  const start = performance.now();
  const { status, stderr } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  const ms = performance.now() - start;
  if (status !== 0) throw new Error(`Cannot time ${command.join(" ")}: status ${status}: ${stderr}`);
  return ms;
}

function median(samples: number[]): number {
  return samples.sort((a, b) => a - b)[samples.length >> 1] ?? NaN;
}

/**
 * Time the starts of one runtime.
 *
 * @param runtime `deno`, `bun` or `node`.
 */
export async function measureStartup(runtime: string): Promise<Startup> {
  const hello = await goGuest("hello");
  const folder = mkdtempSync(join(tmpdir(), "wasirun-startup-"));
  try {
    const empty = join(folder, "empty.mjs");
    const nodeWasi = join(folder, "node_wasi.mjs");
    writeFileSync(empty, "");
    writeFileSync(nodeWasi, NODE_WASI_SCRIPT);
    const env = { WASIRUN_RUNTIME: runtime, PATH: `${BIN}:${process.env["PATH"] ?? ""}` };
    const commands = {
      emptyMs: [...commandOf(runtime), empty],
      wasirunMs: [join(ROOT, "npm", "bin", "wasirun.js"), hello],
      nodeWasiMs: [...commandOf(runtime), nodeWasi, hello],
    };
    const samples = { emptyMs: [] as number[], wasirunMs: [] as number[], nodeWasiMs: [] as number[] };
    for (let i = 0; i < STARTS; i++) {
      for (const name of ["emptyMs", "wasirunMs", "nodeWasiMs"] as const) {
        // Deno rejects code that it cached for other flags of V8, and the launcher sets some.
        const ms = time(commands[name], { ...env, DENO_DIR: join(folder, name) });
        // The first one fills caches.
        if (i > 0) samples[name].push(ms);
      }
    }
    return {
      runtime,
      emptyMs: median(samples.emptyMs),
      wasirunMs: median(samples.wasirunMs),
      nodeWasiMs: median(samples.nodeWasiMs),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
