/** Functions of WIT that a module imports beside preview 1. What links them is loaded when such a module is met. */

import type { WasmExports, WasmImportValue } from "../../contract/web_types.ts";
import type { GuestOutcome } from "../../core/guest/outcome.ts";
import type { HeldStdio } from "../../core/io/held_bytes.ts";
import type { StackState } from "../../core/io/stack_state.ts";
import type { GuestEnvironment } from "../environment/environment.ts";
import type { FunctionType } from "../module/type_section.ts";
import type { ExitStatus } from "./exit_status.ts";

/** A function that a module imports. */
export interface ImportedFunction {
  /** Name of the module. */
  readonly module: string;
  /** Name in it. */
  readonly name: string;
  /** Its type in the guest, where that is known. */
  readonly type: FunctionType | undefined;
}

/** Makes an import that suspends the guest of a function that may return a promise. */
export type Suspend = (fn: (...args: never[]) => unknown, type: FunctionType) => WasmImportValue;

/** What an instance of a module is to the functions of WIT that it imports. */
export interface WitClient {
  /** What it runs in. */
  readonly environment: GuestEnvironment;
  /** How it ends. */
  readonly outcome: GuestOutcome;
}

/** The functions of WIT that one guest imports. */
export interface WitImports {
  /** The stack that runs; undefined for a guest that blocks the thread while it waits. */
  readonly stack: StackState | undefined;
  /** What they hold of the standard streams. */
  readonly heldStdio: HeldStdio;
  /** Makes the imports of preview 1 that may wait; undefined for a guest that blocks the thread. */
  readonly suspend: Suspend | undefined;
  /**
   * A function of WIT.
   *
   * @param imported The import.
   * @param isPassed True if the caller passes a function of exactly these names: it is preferred unless the types of the
   * module say what it is.
   * @returns Undefined if there is none.
   * @throws {ModuleError} If it has another type, or something else of its interface is missing.
   */
  find(imported: ImportedFunction, isPassed: boolean): WasmImportValue | undefined;
  /** Why a function of WIT is not there, and what to do. */
  readonly advice: string;
  /** @param exports Of the instance, once there is one. */
  attach(exports: WasmExports): void;
  /** Once the guest has ended, write what it leaves queued. Never rejects. */
  finish(): Promise<void>;
  /** Run a guest to its end, and write what it leaves queued. */
  runToEnd(start: () => Promise<ExitStatus>): Promise<ExitStatus>;
  /** As {@linkcode runToEnd}, blocking the thread. */
  runToEndSync(start: () => ExitStatus): ExitStatus;
  /** Close what the guest has open. */
  close(): void;
}

/** Links the functions of WIT that the instances of one module import. */
export interface WitLinker {
  /** Make those of one instance. */
  link(client: WitClient): WitImports;
}

/** Why functions of WIT can't be linked, for messages. */
export const LACKS_LINKER: string =
  "it is a function of WIT, and the runtime of components must be loaded first: use run, or pass what compileComponent " +
  "returned";

/** True for what functions of WIT are imported from: `wasi:io/poll@0.2.0`, or `$root` for those of the world itself. */
export function isWitName(module: string): boolean {
  return module.includes(":") || module === "$root";
}
