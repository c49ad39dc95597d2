/** `runSync`: a guest from its start to its end, on a thread that blocks. */

import { SOCKET_IMPORTS } from "../preview1/abi/sockets.ts";
import type { Platform } from "../contract/platform.ts";
import { isProgram } from "./component_program.ts";
import { platformOf } from "./default_platform.ts";
import { GuestEnvironment } from "./environment/environment.ts";
import { entryPoint, type ExitStatus, exitStatusOrThrow } from "./guest/exit_status.ts";
import { GuestInstance } from "./guest/instance.ts";
import { loadModuleSync } from "./module/load.ts";
import { hasNetwork } from "./net/guest_network.ts";
import { checkOptions } from "./options/check_options.ts";
import type { Captured, ModuleSource, RunOptions, RunResult } from "./options/options.ts";

/**
 * Runs a guest to its end, blocking the thread. As `run`, but for web streams, which can't be used, and URLs
 * that would have to be fetched.
 *
 * @param source The module: bytes, compiled, a path or a `file:` URL; or what `compileComponent` returned.
 * @param options What the guest gets; nothing by default.
 * @returns Its exit status, and its output if the options capture it.
 *
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped; the error has its stack.
 * @throws {MountError} A directory can't be opened.
 * @throws {OutputLimitError} The guest wrote more than may be kept.
 * @throws {TypeError} The options are wrong.
 *
 * @example Run a module
 * ```ts
 * import { runSync } from "wasirun";
 * import assert from "node:assert/strict";
 *
 * // (module (func (export "_start")) (memory (export "memory") 1))
 * const module = Uint8Array.from(
 *   atob("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGX3N0YXJ0AAAGbWVtb3J5AgAKBAECAAs="),
 *   (char) => char.charCodeAt(0),
 * );
 * assert.equal(runSync(module).exitCode, 0);
 * ```
 */
export function runSync<const Options extends RunOptions>(
  source: ModuleSource,
  options?: Options,
): RunResult & Captured<Options> {
  return runSyncOn(platformOf(options), source, options);
}

/** As {@linkcode runSync}, on a platform that was chosen. */
export function runSyncOn<const Options extends RunOptions>(
  platform: Platform,
  source: ModuleSource,
  options: Options | undefined,
): RunResult & Captured<Options> {
  const given: RunOptions = options ?? {};
  checkOptions(given);
  given.signal?.throwIfAborted();
  if (hasNetwork(given.net)) {
    throw new TypeError("Cannot give the guest a network: runSync blocks the event loop, which sockets need; use run");
  }
  if (given.trace !== undefined) {
    throw new TypeError("Cannot trace the guest: runSync can't wait until the tracer is loaded; use run");
  }
  if (isProgram(source)) return source.runSync(given, platform) as RunResult & Captured<Options>;
  const loaded = loadModuleSync(source, platform);
  const environment = new GuestEnvironment(given, platform, "block");
  const guest = new GuestInstance(loaded, environment, { sockets: SOCKET_IMPORTS, wit: loaded.wit });
  guest.instantiateSync();
  try {
    const status = guest.wit?.runToEndSync(() => startSync(guest)) ?? startSync(guest);
    return { ...status, ...guest.environment.stdio.captured() } as RunResult & Captured<Options>;
  } finally {
    guest.close();
  }
}

function startSync(guest: GuestInstance): ExitStatus {
  try {
    guest.startSync(entryPoint(guest.exports));
    return { exitCode: 0 };
  } catch (error) {
    return exitStatusOrThrow(error);
  }
}
