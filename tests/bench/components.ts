/** What calls of a component cost, beside jco with preview2-shim and wasmtime. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { witComponent } from "../tools/component_guests.ts";
import { WASMTIME } from "../tools/wasmtime.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const NODE = join(ROOT, "node_modules", ".bin", "node");
const CLI = join(ROOT, "npm", "bin", "wasirun.js");
const TIMEOUT_MS = 600_000;

/** Nanoseconds by names of rows. */
type Times = ReadonlyMap<string, number>;

/**
 * Print what calls cost.
 *
 * @param runtimes Commands of the runtimes, by their names.
 */
export async function printComponents(runtimes: Readonly<Record<string, readonly string[]>>): Promise<void> {
  if (!existsSync(CLI)) throw new Error("Cannot measure components: run npm run build first");
  const guest = await witComponent("calls");
  const columns = new Map<string, Times>();
  for (const [name, command] of Object.entries(runtimes)) {
    columns.set(name, measure([...command, CLI], ["--dir", "FOLDER::/", guest]));
  }
  if (WASMTIME !== undefined) columns.set("wasmtime", measure([WASMTIME, "run"], ["--dir", "FOLDER::/", guest]));
  const transpiled = await transpile(guest);
  columns.set("jco", measure([NODE, transpiled], ["FOLDER"]));
  print(columns, Object.keys(runtimes));
}

function measure([program = "", ...before]: readonly string[], args: readonly string[]): Times {
  const folder = mkdtempSync(join(tmpdir(), "wasirun-bench-"));
  try {
    const words = [...before, ...args.map((arg) => arg.replace("FOLDER", folder))];
    const { status, stderr } = spawnSync("sh", ["-c", '"$@" </dev/zero >/dev/null', "sh", program, ...words], {
      encoding: "utf8",
      timeout: TIMEOUT_MS,
      env: { ...process.env, NO_COLOR: "1" },
    });
    const rows = stderr.split("\n").map((line) => line.split("\t"))
      .filter((fields) => fields.length === 2).map(([name = "", picoseconds]) =>
        [name, Number(picoseconds) / 1000] as const
      );
    if (rows.length === 0) throw new Error(`Cannot measure ${program} ${words.join(" ")}: status ${status}\n${stderr}`);
    return new Map(rows);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A program that runs a component by jco's generated code. @returns Its path. */
async function transpile(guest: string): Promise<string> {
  const folder = join(ROOT, ".build", "jco_bench");
  mkdirSync(folder, { recursive: true });
  const script = `import { transpile } from "@bytecodealliance/jco";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
const { files } = await transpile(readFileSync(${JSON.stringify(guest)}), { name: "calls", instantiation: "async" });
for (const [name, content] of Object.entries(files)) {
  mkdirSync(dirname(join(${JSON.stringify(folder)}, name)), { recursive: true });
  writeFileSync(join(${JSON.stringify(folder)}, name), content);
}`;
  const tool = join(ROOT, ".build", "jco_bench.mjs");
  writeFileSync(tool, script);
  const { status, stderr } = spawnSync(NODE, ["--no-warnings", tool], { encoding: "utf8", timeout: TIMEOUT_MS });
  if (status !== 0) throw new Error(`Cannot transpile by jco: ${stderr}`);
  const shim = join(
    ROOT,
    "node_modules",
    "@bytecodealliance",
    "jco",
    "node_modules",
    "@bytecodealliance",
    "preview2-shim",
  );
  const main = join(folder, "main.mjs");
  const run = `import { readFileSync } from "node:fs";
import { WASIShim } from ${JSON.stringify(join(shim, "dist", "common", "instantiation.js"))};
import { _setPreopens } from ${JSON.stringify(join(shim, "dist", "nodejs", "filesystem.js"))};
import { instantiate } from "./calls.js";
_setPreopens({ "/": process.argv[2] });
const module = async (path) => await WebAssembly.compile(readFileSync(new URL(path, import.meta.url)));
const guest = await instantiate(module, new WASIShim().getImportObject());
guest.run.run();
process.exit();
`;
  await Promise.resolve(writeFileSync(main, run));
  return main;
}

function print(columns: ReadonlyMap<string, Times>, own: readonly string[]): void {
  const names = [...columns.keys()];
  console.log(
    "\nns for a call of a component, the least of 40 passes; in parentheses, how many times slower than the fastest of wasirun",
  );
  console.log("".padEnd(30) + names.map((name) => name.padStart(18)).join(""));
  const rows = [...columns.get(own[0] ?? "")?.keys() ?? []];
  for (const row of rows) {
    const best = Math.min(...own.map((name) => columns.get(name)?.get(row) ?? Infinity));
    console.log(
      row.padEnd(30) + names.map((name) => {
        const ns = columns.get(name)?.get(row);
        return (ns === undefined ? "-" : `${ns.toFixed(0)} (${(ns / best).toFixed(1)})`).padStart(18);
      }).join(""),
    );
  }
}
