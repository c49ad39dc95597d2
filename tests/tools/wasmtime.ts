/**
 * The command of wasmtime, as an oracle: the variable WASIRUN_WASMTIME names it.
 *
 * @module
 */

import process from "node:process";
import { command } from "./command.ts";

/** Path of wasmtime's command, or undefined if none is named. */
export const WASMTIME: string | undefined = process.env["WASIRUN_WASMTIME"] || undefined;

const NO_WASMTIME = "WASIRUN_WASMTIME names no command of wasmtime";

/**
 * Run a component to its end by wasmtime.
 *
 * @param args Options of `wasmtime run`, the component and its arguments.
 * @returns What it wrote to standard output.
 * @throws {Error} If there is no wasmtime, or the component failed.
 */
export async function wasmtimeRun(args: readonly string[]): Promise<string> {
  if (WASMTIME === undefined) throw new Error(NO_WASMTIME);
  return await command(WASMTIME, ["run", ...args], { timeoutMs: 60_000 });
}
