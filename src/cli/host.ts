/** What the command asks of the process that it runs in. */

import type { Platform } from "../core/platform.ts";

/** A process, on any runtime. */
export interface CommandHost {
  /** Name and version of the runtime, for `--version`. */
  readonly runtime: string;
  /** Arguments of the command. */
  readonly args: readonly string[];
  /** The platform of the runtime. */
  readonly platform: Platform;
  /** Environment of the process. */
  env(): Record<string, string>;
  /** All of standard input, for a module that comes from there. */
  readStdin(): Uint8Array<ArrayBuffer>;
  /** A small file of the host as text. @throws {Error} The host's own error. */
  readText(path: string): string;
  /** Write to standard output. */
  print(text: string): void;
  /** Write to standard error. */
  warn(text: string): void;
  /** End the process. */
  exit(code: number): never;
  /**
   * See to it that guests have a stack of a size. A runtime that takes its size only when it starts is started again, and
   * this call does not return.
   *
   * @param stackBytes Size.
   * @param suspends True if guests are suspended, and so have stacks of their own.
   */
  deepenStack(stackBytes: number, suspends: boolean): Promise<void>;
}

/** Set in the environment of a process that was started with a deeper stack: not to start it yet another time. */
export const STARTED = "WASIRUN_STACK";

/** Variables that are there for the runtime of the guest, and not for the guest. */
export const OWN_VARIABLES: readonly string[] = [
  STARTED,
  "BUN_JSC_maxPerThreadStackUsage",
  "BUN_JSC_numberOfWasmCompilerThreads",
];
