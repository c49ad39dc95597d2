/** The hosts whose calls are timed, as command lines. */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { witComponent } from "../../tools/component_guests.ts";
import { WASMTIME } from "../../tools/wasmtime.ts";
import { jcoProgram } from "./jco.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const NODE = join(ROOT, "node_modules", ".bin", "node");
const CLI = join(ROOT, "npm", "bin", "wasirun.js");

/** Guests: one for calls of files, streams and clocks, and one for connections. */
export type GuestName = "calls" | "tcp_bench";

/** What a guest is given: a folder, and the port of its peer. */
export interface Given {
  readonly folder: string;
  readonly port: number;
}

/** All hosts take turns, so that what else the machine does disturbs each of them. */
const ROUNDS = 3;

/** A host. */
export interface ComponentHost {
  /** Its name in the table. */
  readonly name: string;
  /** True for those of this repository. */
  readonly isOwn: boolean;
  /** How often it takes its turn. */
  readonly rounds: number;
  /** Program and arguments that run a guest. */
  readonly command: (guest: GuestName, given: Given) => readonly string[];
}

/**
 * All hosts: runtimes, wasmtime if `WASIRUN_WASMTIME` names it, and jco with preview2-shim on Node.
 *
 * @param runtimes Commands of the runtimes, by their names.
 */
export async function componentHosts(
  runtimes: Readonly<Record<string, readonly string[]>>,
): Promise<readonly ComponentHost[]> {
  if (!existsSync(CLI)) throw new Error("Cannot measure components: run npm run build first");
  const guests = { calls: await witComponent("calls"), tcp_bench: await witComponent("tcp_bench") };
  const hosts: ComponentHost[] = Object.entries(runtimes).map(([name, words]) => ({
    name,
    isOwn: true,
    rounds: ROUNDS,
    command: (guest, given) => [...words, CLI, ...optionsOf(given), guests[guest], String(given.port)],
  }));
  if (WASMTIME !== undefined) {
    const wasmtime = [WASMTIME, "run", "-S", "inherit-network"];
    hosts.push({
      name: "wasmtime",
      isOwn: false,
      rounds: ROUNDS,
      command: (guest, { folder, port }) => [...wasmtime, "--dir", `${folder}::/`, guests[guest], String(port)],
    });
  }
  const programs = { calls: await jcoProgram(guests.calls), tcp_bench: await jcoProgram(guests.tcp_bench) };
  hosts.push({
    name: "jco",
    isOwn: false,
    // It takes minutes.
    rounds: 1,
    command: (guest, { folder, port }) => [NODE, programs[guest], folder, String(port)],
  });
  return hosts;
}

function optionsOf({ folder, port }: Given): readonly string[] {
  return ["--dir", `${folder}::/`, `--allow-net=127.0.0.1:${port}`];
}
