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
  /**
   * True if the runtime's FFI may be used without asking, and nothing that the runtime forbids would be allowed by it:
   * foreign calls are not subject to the permissions of Deno.
   */
  mayCallForeign(): boolean;
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
  /** True where a module compiles in the background while {@linkcode CommandHost.setEngineFlags} takes its time. */
  readonly compilesInBackground: boolean;
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

/**
 * Whether a process was started with a stack of a size.
 *
 * @param started Value of {@linkcode STARTED}.
 * @param stackBytes Size.
 */
export function wasStartedWith(started: string | undefined, stackBytes: number): boolean {
  return started !== undefined && Number(started) * 1024 >= stackBytes;
}

/** Variables that are there for the runtime of the guest, and not for the guest. */
export const OWN_VARIABLES: readonly string[] = [
  STARTED,
  "BUN_JSC_maxPerThreadStackUsage",
  "BUN_JSC_numberOfWasmCompilerThreads",
];
