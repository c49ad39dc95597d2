/** Processor time that the start of a component takes, beside jco and wasmtime. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import process from "node:process";
import { cComponent, witComponent } from "../../tools/component_guests.ts";
import { WASI_LIBC, wasiLibcComponent } from "../../tools/wasi_libc.ts";
import { WASMTIME } from "../../tools/wasmtime.ts";
import { jcoProgram } from "./jco.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const BIN = join(ROOT, "node_modules", ".bin");
const NODE = join(BIN, "node");
const CLI = join(ROOT, "npm", "bin", "wasirun.js");
const TIMEOUT_MS = 120_000;
/** Starts of each, in turn: the least counts, for what else the machine does makes a start longer. */
const STARTS = 7;
/** Of components that take some hosts seconds. */
const LARGE_STARTS = 2;
const LARGE_BYTES = 2 ** 20;
const JCO = "jco";
const WASMTIME_NAME = "wasmtime";

/** A component of any tool, such as one of Python's. */
const OTHER = process.env["WASIRUN_COMPONENT"] || undefined;

/** Processes that start a component one after the other. */
type Start = readonly (readonly string[])[];

interface Measured {
  readonly guest: string;
  readonly host: string;
  readonly start: Start;
  ms: number;
}

/**
 * Print how much processor time starts take above that of an empty script: of C on WIT names, with the adapter, and on
 * wasi-libc if `WASIRUN_WASI_LIBC` names it, and of the component that `WASIRUN_COMPONENT` names.
 *
 * @param runtimes `deno`, `bun` or `node`.
 */
export async function printComponentStarts(runtimes: readonly string[]): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "wasirun-start-"));
  try {
    const empty = join(folder, "empty.mjs");
    writeFileSync(empty, "");
    const hosts = [...runtimes, ...(WASMTIME === undefined ? [] : [WASMTIME_NAME]), JCO];
    const all = hosts.map((host) => ({ guest: "", host, start: emptyStart(host, empty), ms: Infinity }));
    for (const guest of await guests()) {
      for (const host of hosts) all.push({ guest, host, start: await startOf(host, guest), ms: Infinity });
    }
    for (let round = 0; round < STARTS; round++) {
      for (const measured of all.filter(({ guest }) => round < startsOf(guest))) {
        measured.ms = Math.min(measured.ms, time(measured, folder));
      }
    }
    print(all, hosts);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function startsOf(guest: string): number {
  return guest !== "" && statSync(guest).size > LARGE_BYTES ? LARGE_STARTS : STARTS;
}

async function guests(): Promise<string[]> {
  return [
    await witComponent("hello"),
    await cComponent("isatty"),
    ...(WASI_LIBC === undefined ? [] : [await wasiLibcComponent("component/wasi_libc/hello.c")]),
    ...(OTHER === undefined ? [] : [OTHER]),
  ];
}

function emptyStart(host: string, script: string): Start {
  if (host === WASMTIME_NAME) return [[WASMTIME!, "--version"]];
  if (host === "deno") return [[join(BIN, "deno"), "run", "-A", script]];
  return [[host === JCO ? NODE : join(BIN, host), script]];
}

/** jco makes the program first: as its own command does at each start. */
async function startOf(host: string, guest: string): Promise<Start> {
  if (host === WASMTIME_NAME) return [[WASMTIME!, "run", "-C", "cache=n", guest]];
  if (host !== JCO) return [[CLI, guest]];
  const program = await jcoProgram(guest);
  return [[NODE, join(program, "..", "transpile.mjs")], [NODE, program, "/"]];
}

function time({ host, start }: Measured, folder: string): number {
  let ms = 0;
  for (const words of start) {
    const { stdout, status } = spawnSync("bash", ["-c", '"$@" </dev/null >/dev/null 2>&1; times', "bash", ...words], {
      encoding: "utf8",
      timeout: TIMEOUT_MS,
      env: {
        ...process.env,
        WASIRUN_RUNTIME: host,
        PATH: `${BIN}:${process.env["PATH"] ?? ""}`,
        DENO_DIR: join(folder, "deno"),
      },
    });
    const times = /^.*\n(\d+)m([\d.]+)s (\d+)m([\d.]+)s/.exec(stdout);
    if (status !== 0 || times === null) throw new Error(`Cannot time ${words.join(" ")}: status ${status}\n${stdout}`);
    const [userMinutes, user, systemMinutes, system] = times.slice(1).map(Number) as [number, number, number, number];
    ms += ((userMinutes + systemMinutes) * 60 + user + system) * 1000;
  }
  return ms;
}

function print(all: readonly Measured[], hosts: readonly string[]): void {
  console.log("\nprocessor time of a start in ms above that of an empty script, the least of some in turn");
  console.log("".padEnd(46) + hosts.map((host) => host.padStart(10)).join(""));
  for (const guest of new Set(all.map((measured) => measured.guest))) {
    const name = guest === ""
      ? "(an empty script)"
      : `${basename(guest)}, ${(statSync(guest).size / 1024).toFixed(0)} KiB`;
    const cells = hosts.map((host) => {
      const ms = (of: string): number => all.find((each) => each.guest === of && each.host === host)!.ms;
      return (guest === "" ? ms("") : ms(guest) - ms("")).toFixed(0).padStart(10);
    });
    console.log(name.padEnd(46) + cells.join(""));
  }
}
