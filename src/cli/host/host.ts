/** What the command needs from the process that it runs in. */

import type { Platform } from "../../contract/platform.ts";
import { type Environment, STRINGS_VARIABLE } from "./process_strings.ts";

/** Loads the platforms that the command can run a guest on: a start needs only one of them. */
export interface PlatformLoaders {
  /** Loads the platform of the runtime. */
  readonly runtime: () => Promise<Platform>;
  /** Loads the posix platform, or throws if it is not available. */
  readonly posix: () => Promise<Platform>;
}

/** A process, on any runtime. */
export interface CommandHost {
  /** Name and version of the runtime, for `--version`. */
  readonly runtime: string;
  /** Arguments of the command, as `exactArguments`. @throws {UsageError} As that. */
  readonly args: readonly string[];
  /** Load the platform of the runtime. */
  runtimePlatform(): Promise<Platform>;
  /** Load the posix platform. @throws {Error} If it is not available. */
  posixPlatform(): Promise<Platform>;
  /** Read a file of the host. @throws {Error} The host's own error. */
  readFile(path: string | URL): Uint8Array<ArrayBuffer>;
  /**
   * True if the runtime's FFI may be used without asking, and nothing that the runtime forbids would be allowed by it:
   * foreign calls are not subject to the permissions of Deno.
   */
  mayCallForeign(): boolean;
  /**
   * Go to the folder that the command was run in, where the launcher started the runtime in another one.
   *
   * @throws {Error} If that can't be done.
   */
  enterWorkingDirectory(): void;
  /** Environment of the process. */
  env(): Environment;
  /** All of standard input, for a module that comes from there. */
  readStdin(): Uint8Array<ArrayBuffer>;
  /** Where the user writes options, for hints: nothing for the command line, or ` in` and a variable. */
  readonly whereOptionsGo: string;
  /** True if the host has a directory at this path, as far as the runtime may look without asking. */
  isDirectory(path: string): boolean;
  /** A small file of the host, as the text of its bytes. @throws {Error} The host's own error. */
  readText(path: string): string;
  /** Write a file of the host, replacing what it had. @throws {Error} The host's own error. */
  writeFile(path: string, text: string): void;
  /** Write to standard output. */
  print(text: string): void;
  /** Write to standard error. */
  warn(text: string): void;
  /** End the process. */
  exit(code: number): never;
  /**
   * Start a runtime again that takes the size of its stack only when it starts, unless it was started with it. Then this
   * call does not return.
   *
   * @param stackBytes Size of the guest's stack.
   */
  restart(stackBytes: number): Promise<void>;
  /**
   * Start a runtime again that suspends guests only if it was started for that; then this call does not return.
   *
   * @throws {Error} If it can't suspend guests, as sockets need it.
   */
  requireSuspension(): void;
  /**
   * Set the size of the stacks that suspended guests have of their own, where the engine takes it while it runs. Nothing is
   * loaded any more after it, because V8 rejects the caches of what is loaded after a flag was changed.
   *
   * @param stackBytes Size of the guest's stack.
   */
  setEngineFlags(stackBytes: number): void;
  /** What gives guests a deeper stack here, for the message when theirs was too small. */
  deeperStack(): string;
}

/**
 * Why there are no sockets.
 *
 * @param runtime Name and version.
 * @param advice What to do.
 */
export function noSockets(runtime: string, advice: string): Error {
  return new Error(`Cannot open sockets on ${runtime}: it can't suspend guests while they wait; ${advice}`);
}

/** {@linkcode CommandHost.deeperStack} where the option does it. */
export const WITH_STACK_SIZE = "give it more with --stack-size";

/** KiB of stack, in the environment of a process that was started with so much: not to start it yet another time. */
export const STARTED = "WASIRUN_STACK";

/** The folder that the command was run in, for a process that is started in another one. */
export const WORKING_DIRECTORY = "WASIRUN_CWD";

/** Set by `go_wasip1_wasm_exec`: there options are written in another variable. */
export const UNDER_GO = "WASIRUN_UNDER_GO";

/**
 * {@linkcode CommandHost.whereOptionsGo} of a process.
 *
 * @param underGo Value of {@linkcode UNDER_GO}.
 */
export function whereOptionsGo(underGo: string | undefined): string {
  return underGo === undefined ? "" : " in GOWASIRUNTIMEARGS";
}

/**
 * Whether a process was started with a stack of a size.
 *
 * @param started Value of {@linkcode STARTED}.
 * @param stackBytes Size.
 */
export function wasStartedWith(started: string | undefined, stackBytes: number): boolean {
  return started !== undefined && /^\d{1,9}$/.test(started) && Number(started) * 1024 >= stackBytes;
}

/** Variables that are there for the runtime of the guest, and not for the guest. */
export const OWN_VARIABLES: readonly string[] = [
  STARTED,
  WORKING_DIRECTORY,
  UNDER_GO,
  STRINGS_VARIABLE,
  "BUN_JSC_maxPerThreadStackUsage",
  "BUN_JSC_numberOfWasmCompilerThreads",
  "BUN_JSC_useWasmFastMemory",
];
