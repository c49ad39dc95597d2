/** The hosts that the program runs on. */

import { join } from "node:path";
import process from "node:process";
import { type ServerCommand, wasirunCommand } from "../../tools/server_process.ts";
import { cProgram } from "../../tools/c_program.ts";

const BIN = join(import.meta.dirname, "..", "..", "..", "node_modules", ".bin");
const SOURCE = join(import.meta.dirname, "program", "calls.c");
const NODE_WASI = join(import.meta.dirname, "node_wasi.ts");

/** Name of the host that is none. */
export const NATIVE = "native";

/** What the program is started with. */
export interface Operands {
  /** A folder of its own. */
  readonly work: string;
  /** The folder of devices. */
  readonly devices: string;
  /** Port of 127.0.0.1 that it is connected to, or undefined for what needs no socket. */
  readonly port: number | undefined;
  /** Its arguments: how long a loop takes, and how many there are. */
  readonly args: readonly string[];
}

/** A way to run the program. */
export interface Host {
  /** Name of the column. */
  readonly name: string;
  /** True if it can be given a connection. */
  readonly hasSockets: boolean;
  /** The command that runs the program. */
  readonly commandOf: (operands: Operands) => ServerCommand;
}

/** A host that an environment variable names, and its options. */
interface Other {
  readonly name: string;
  readonly variable: string;
  readonly hasSockets: boolean;
  readonly options: (operands: Operands) => readonly string[];
}

const OTHERS: readonly Other[] = [
  {
    name: "wasmtime",
    variable: "WASMTIME",
    hasSockets: false,
    options: ({ work, devices }) => ["run", "--dir", `${work}::${work}`, "--dir", `${devices}::${devices}`],
  },
  {
    name: "wazero",
    variable: "WAZERO",
    hasSockets: false,
    options: ({ work, devices }) => ["run", `-mount=${work}:${work}`, `-mount=${devices}:${devices}`],
  },
  {
    name: "wasi-go",
    variable: "WASI_GO",
    hasSockets: true,
    options: ({ work, devices, port }) => [...dialOptions(port), "--dir", work, "--dir", devices],
  },
];

function dialOptions(port: number | undefined): string[] {
  return port === undefined ? [] : ["--dial", `127.0.0.1:${port}`];
}

/**
 * The native program, wasirun on runtimes and on both platforms, `node:wasi` of Node, and those that the environment
 * variables WASMTIME, WAZERO and WASI_GO name: a command, and arguments of it if need be, with spaces in between.
 *
 * @param runtimes `deno`, `bun` or `node`.
 * @param env Environment.
 */
export async function hostsOf(
  runtimes: readonly string[],
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Host[]> {
  const native = await cProgram(SOURCE, "native");
  const guest = await cProgram(SOURCE, "wasm32-wasi");
  return [
    nativeHost(native),
    ...runtimes.map((runtime) => wasirunHost(runtime, runtime, [], guest)),
    ...runtimes.map((runtime) => wasirunHost(`${runtime} rt`, runtime, ["--platform", "runtime"], guest)),
    nodeWasiHost(guest),
    ...OTHERS.flatMap((other) => {
      const words = env[other.variable]?.split(" ").filter((word) => word !== "") ?? [];
      return words.length === 0 ? [] : [otherHost(other, words, guest)];
    }),
  ];
}

/** Names of the variables that name no host. */
export function unsetVariables(env: Readonly<Record<string, string | undefined>> = process.env): string[] {
  return OTHERS.map(({ variable }) => variable).filter((variable) => !env[variable]?.trim());
}

function nativeHost(program: string): Host {
  return {
    name: NATIVE,
    hasSockets: true,
    commandOf: ({ args, work, devices, port }) => ({
      words: [program, ...args, work, devices, ...(port === undefined ? [] : [String(port)])],
    }),
  };
}

function wasirunHost(name: string, runtime: string, options: readonly string[], guest: string): Host {
  return {
    name,
    hasSockets: true,
    commandOf({ args, work, devices, port }) {
      const dirs = ["--dir", work, "--dir", devices];
      return wasirunCommand(runtime, [...options, ...dialOptions(port), ...dirs, guest, ...args]);
    },
  };
}

function nodeWasiHost(guest: string): Host {
  return {
    name: "node:wasi",
    hasSockets: false,
    commandOf: ({ args, work, devices }) => ({
      words: [join(BIN, "node"), "--no-warnings", NODE_WASI, work, devices, guest, ...args],
    }),
  };
}

function otherHost({ name, hasSockets, options }: Other, words: readonly string[], guest: string): Host {
  return {
    name,
    hasSockets,
    commandOf: (operands) => ({ words: [...words, ...options(operands), guest, ...operands.args] }),
  };
}
