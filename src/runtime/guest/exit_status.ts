/** How guests start, and how they end. */

import type { WasmExports } from "../../contract/web_types.ts";
import { WasiExit, WasiSignal } from "../../core/guest/exit.ts";

/** How a guest ended. */
export interface ExitStatus {
  /** Exit code (u32). */
  readonly exitCode: number;
  /** `Signal` that it raised, if it did. */
  readonly signal?: number;
}

/**
 * How a call of a guest ended, if it ended the guest.
 *
 * @param error What the call threw.
 * @throws What the call threw, if that is a failure.
 */
export function exitStatusOrThrow(error: unknown): ExitStatus {
  if (error instanceof WasiExit) return { exitCode: error.code };
  if (error instanceof WasiSignal) return { exitCode: 128 + error.signal, signal: error.signal };
  throw error;
}

/** The export that starts a module: `_start` of a command, `_initialize` of a reactor. */
export function entryPoint(exports: WasmExports): "_start" | "_initialize" {
  return typeof exports["_start"] === "function" ? "_start" : "_initialize";
}
