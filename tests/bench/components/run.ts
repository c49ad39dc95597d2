/** What calls of a component cost, beside jco with preview2-shim and wasmtime. */

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { type ComponentHost, componentHosts, type Given, type GuestName } from "./hosts.ts";
import { startComponentPeer } from "./peer.ts";

const TIMEOUT_MS = 120_000;
const GUESTS: readonly GuestName[] = ["calls", "tcp_bench"];

/** The least ns by names of rows. */
type Times = Map<string, number>;

/**
 * Print what calls cost.
 *
 * @param runtimes Commands of the runtimes, by their names.
 */
export async function printComponents(runtimes: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const hosts = await componentHosts(runtimes);
  const columns = new Map<ComponentHost, Times>(hosts.map((host) => [host, new Map<string, number>()]));
  const peer = await startComponentPeer();
  const folder = mkdtempSync(join(tmpdir(), "wasirun-bench-"));
  const failures: string[] = [];
  try {
    for (const guest of GUESTS) {
      let active = hosts;
      for (let round = 0; active.length > 0; round++) {
        active = active.filter((host) => {
          if (round >= host.rounds) return false;
          const failure = measure(host, guest, { folder, port: peer.port }, columns.get(host)!);
          if (failure !== undefined) failures.push(failure);
          return failure === undefined;
        });
      }
    }
  } finally {
    peer.close();
    rmSync(folder, { recursive: true });
  }
  print(columns);
  for (const failure of failures) console.log(failure);
}

/** Run a guest on a host, and keep what is less than before. @returns Why it could not. */
function measure(host: ComponentHost, guest: GuestName, given: Given, times: Times): string | undefined {
  const [program = "", ...words] = host.command(guest, given);
  const { status, stderr } = spawnSync("sh", ["-c", '"$@" </dev/zero >/dev/null', "sh", program, ...words], {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    env: { ...process.env, NO_COLOR: "1" },
  });
  for (const line of stderr.split("\n")) {
    const [name = "", picoseconds, ...rest] = line.split("\t");
    if (picoseconds === undefined || rest.length > 0) continue;
    times.set(name, Math.min(times.get(name) ?? Infinity, Number(picoseconds) / 1000));
  }
  if (status === 0) return undefined;
  const failure = `${host.name} did not end ${guest}: status ${status}: ${stderr.trim().split("\n").at(-1)}`;
  if (host.isOwn) throw new Error(`Cannot measure components: ${failure}`);
  return failure;
}

function print(columns: ReadonlyMap<ComponentHost, Times>): void {
  const hosts = [...columns.keys()];
  const wasmtime = hosts.find(({ name }) => name === "wasmtime");
  const rows = [...columns.get(hosts[0]!)!.keys()];
  console.log(
    "\nns for a call of a component, the least of some runs in turn; in parentheses, how many times as long as wasmtime",
  );
  console.log("".padEnd(30) + hosts.map(({ name }) => name.padStart(18)).join(""));
  for (const row of rows) {
    const base = wasmtime === undefined ? undefined : columns.get(wasmtime)!.get(row);
    const cells = hosts.map((host) => cell(columns.get(host)!.get(row), base));
    console.log(row.padEnd(30) + cells.join(""));
  }
}

function cell(ns: number | undefined, base: number | undefined): string {
  if (ns === undefined) return "-".padStart(18);
  return (ns.toFixed(0) + (base === undefined ? "" : ` (${(ns / base).toFixed(2)})`)).padStart(18);
}
