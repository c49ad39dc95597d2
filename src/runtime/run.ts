/** `run` and `runSync`: a guest from its start to its end. */

import { type Ending, endingOf, entryPoint, GuestInstance, makeGuest } from "./guest.ts";
import { defaultPlatform, defaultPlatformSync } from "./default_platform.ts";
import { changeFor, hasNetwork } from "./guest_network.ts";
import { canSuspend } from "./jspi.ts";
import { type LoadedModule, loadModule, loadModuleSync } from "./load.ts";
import type { Captured, ModuleSource, RunOptions, RunResult } from "./options.ts";
import type { Platform } from "../core/platform.ts";

/**
 * Run a guest to its end. While it waits, the event loop of the caller goes on, and so do other guests.
 *
 * A guest is suspended by JavaScript Promise Integration: Deno 2.3, Bun 1.4, Node 25 (Node 24 with
 * `--experimental-wasm-jspi`). Where there is none, the guest blocks the thread, as with {@linkcode runSync}.
 *
 * @param source The module: bytes, compiled, a path, a URL or a response. A compiled one can be run again and again.
 * @param options What the guest gets; nothing by default.
 * @returns How it ended, and what it wrote if that was asked for.
 *
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped; the error has its stack.
 * @throws {TypeError} The options are wrong.
 *
 * @example Run a module and capture what it prints
 * ```ts
 * import { run } from "wasirun";
 * import assert from "node:assert/strict";
 *
 * // (module (func (export "_start")) (memory (export "memory") 1))
 * const module = Uint8Array.from(
 *   atob("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGX3N0YXJ0AAAGbWVtb3J5AgAKBAECAAs="),
 *   (char) => char.charCodeAt(0),
 * );
 * const result = await run(module, { args: ["one"], stdout: "text" });
 * assert.deepEqual(result, { exitCode: 0, stdout: "" });
 * ```
 */
export async function run<const Options extends RunOptions>(
  source: ModuleSource,
  options?: Options,
): Promise<RunResult & Captured<Options>> {
  const given: RunOptions = options ?? {};
  const platform = given.platform ?? await defaultPlatform();
  given.signal?.throwIfAborted();
  const loaded = await loadModule(source, platform, await changeFor(given.net));
  return await runLoaded(loaded, given, platform, canSuspend()) as RunResult & Captured<Options>;
}

/**
 * Run a guest to its end, blocking the thread. As {@linkcode run}, but for web streams, which can't be used, and URLs
 * that would have to be fetched.
 *
 * @param source The module: bytes, compiled, a path or a `file:` URL.
 * @param options What the guest gets; nothing by default.
 * @returns How it ended, and what it wrote if that was asked for.
 *
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped; the error has its stack.
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
  const given: RunOptions = options ?? {};
  const platform = given.platform ?? defaultPlatformSync();
  given.signal?.throwIfAborted();
  if (hasNetwork(given.net)) {
    throw new TypeError("Cannot give the guest a network: runSync blocks the event loop, which sockets need; use run");
  }
  if (given.trace !== undefined) {
    throw new TypeError("Cannot trace the guest: runSync can't wait until the tracer is loaded; use run");
  }
  const loaded = loadModuleSync(source, platform);
  const guest = new GuestInstance(loaded, given, platform, false);
  try {
    const ending = startSync(guest);
    return { ...ending, ...guest.stdio.captured(given.stdout, given.stderr) } as RunResult & Captured<Options>;
  } finally {
    guest.close();
  }
}

/**
 * Run a module that is loaded.
 *
 * @param loaded The module.
 * @param options What the guest gets.
 * @param platform The host.
 * @param suspends True to suspend the guest while it waits, false to block the thread.
 */
export async function runLoaded(
  loaded: LoadedModule,
  options: RunOptions,
  platform: Platform,
  suspends: boolean,
): Promise<RunResult> {
  const guest = await makeGuest(loaded, options, platform, suspends);
  try {
    const ending = await start(guest);
    return { ...ending, ...guest.stdio.captured(options.stdout, options.stderr) };
  } finally {
    guest.close();
    await guest.finish(options.signal);
  }
}

async function start(guest: GuestInstance): Promise<Ending> {
  try {
    await guest.call(entryPoint(guest.exports), []);
    return { exitCode: 0 };
  } catch (error) {
    return orThrow(error);
  }
}

function startSync(guest: GuestInstance): Ending {
  try {
    guest.callSync(entryPoint(guest.exports), []);
    return { exitCode: 0 };
  } catch (error) {
    return orThrow(error);
  }
}

function orThrow(error: unknown): Ending {
  const ending = endingOf(error);
  if (ending === undefined) throw error;
  return ending;
}
