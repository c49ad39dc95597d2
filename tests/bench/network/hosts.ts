/** The hosts that the server runs on. */

import { join } from "node:path";
import process from "node:process";
import { freePorts } from "../../tools/free_port.ts";
import { goProgram } from "../../tools/go_program.ts";
import { type ServerCommand, ServerProcess, wasirunCommand } from "../../tools/server_process.ts";
import type { Case } from "./cases.ts";

const SOURCE = join(import.meta.dirname, "server");

/** Name of the host without WebAssembly. */
export const NATIVE = "native";
/** Name of the host that the environment variable WASI_GO names. */
export const WASI_GO = "wasi-go";

/** A server that is ready. */
export interface Host {
  /** Its name in the tables. */
  readonly name: string;
  /** Its process. */
  readonly server: ServerProcess;
  /** Its ports. */
  readonly ports: Readonly<Record<Case["port"], number>>;
}

/**
 * Start the server natively, on wasi-go's `wasirun` if the environment variable WASI_GO is its path, and on runtimes.
 *
 * @param runtimes `deno`, `bun` or `node`.
 */
export async function startHosts(runtimes: readonly string[]): Promise<Host[]> {
  const wasiGo = process.env["WASI_GO"];
  const names = [NATIVE, ...(wasiGo ? [WASI_GO] : []), ...runtimes];
  const native = await goProgram(SOURCE, "native");
  const guest = await goProgram(SOURCE, "wasip1");
  const hosts: Host[] = [];
  try {
    for (const name of names) {
      const [http, bulk, udp] = await freePorts(3) as [number, number, number];
      const ports = { http, bulk, udp };
      const server = await ServerProcess.start(commandOf(name, ports, { native, guest, wasiGo }));
      hosts.push({ name, server, ports });
    }
    return hosts;
  } catch (error) {
    await stopHosts(hosts);
    throw error;
  }
}

/** End all. */
export async function stopHosts(hosts: readonly Host[]): Promise<void> {
  await Promise.all(hosts.map(({ server }) => server.stop()));
}

interface Programs {
  readonly native: string;
  readonly guest: string;
  readonly wasiGo: string | undefined;
}

function commandOf(name: string, ports: Host["ports"], { native, guest, wasiGo = "" }: Programs): ServerCommand {
  const [http, bulk, udp] = [ports.http, ports.bulk, ports.udp].map((port) => `127.0.0.1:${port}`) as [
    string,
    string,
    string,
  ];
  const listen = ["--listen", http, "--listen", bulk];
  // A guest has one thread.
  if (name === NATIVE) return { words: [native, http, bulk, udp], env: { GOMAXPROCS: "1" } };
  if (name === WASI_GO) return { words: [wasiGo, ...listen, guest, http, bulk, udp] };
  return wasirunCommand(name, [...listen, `--allow-net=listen:${udp},connect:127.0.0.1`, guest, http, bulk, udp]);
}
