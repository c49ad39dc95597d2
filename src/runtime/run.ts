/** `run`: a guest from its start to its end. */

import { entryPoint, type ExitStatus, exitStatusOrThrow } from "./guest/exit_status.ts";
import type { GuestInstance } from "./guest/instance.ts";
import { instantiateGuest } from "./guest/instantiate_guest.ts";
import { type ComponentProgram, isProgram } from "./component_program.ts";
import { checkOptions } from "./options/check_options.ts";
import { platformOf } from "./default_platform.ts";
import { explainerOf } from "./trap/explain.ts";
import { moduleTransform } from "./net/guest_network.ts";
import { canSuspend } from "./jspi.ts";
import { type LoadingModule, startLoading } from "./module/load.ts";
import type { Captured, ModuleSource, RunOptions, RunResult } from "./options/options.ts";
import type { Platform, WaitMode } from "../contract/platform.ts";

/**
 * Runs a guest to its end. While it waits, the event loop of the caller keeps running, and so do other guests.
 *
 * A guest is suspended by JavaScript Promise Integration: Deno 2.3, Bun 1.4, Node 25 and 24.21 (before
 * that, Node 24 with `--experimental-wasm-jspi`). Where there is none, the guest blocks the thread, as with `runSync`.
 *
 * @param source The module or the component: bytes, compiled, a path, a URL or a response. A compiled one can be
 * reused.
 * @param options What the guest gets; nothing by default.
 * @returns Its exit status, and its output if the options capture it.
 *
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped; the error has its stack.
 * @throws {MountError} A directory can't be opened.
 * @throws {OutputLimitError} The guest wrote more than may be kept.
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
  return await runOn(platformOf(options), source, options);
}

/** As {@linkcode run}, on a platform that was chosen. */
export async function runOn<const Options extends RunOptions>(
  platform: Platform,
  source: ModuleSource,
  options: Options | undefined,
): Promise<RunResult & Captured<Options>> {
  const given: RunOptions = options ?? {};
  checkOptions(given);
  given.signal?.throwIfAborted();
  const loading = await startLoading(source, platform, await moduleTransform(given.net));
  const mode = canSuspend() ? "suspend" : "block";
  return await runLoading(loading, given, platform, mode) as RunResult & Captured<Options>;
}

/**
 * Run a module that is being compiled, or a component.
 *
 * @param loading The module or the component.
 * @param options What the guest gets.
 * @param platform The host.
 * @param mode How the guest waits.
 */
export async function runLoading(
  loading: LoadingModule | ComponentProgram,
  options: RunOptions,
  platform: Platform,
  mode: WaitMode,
): Promise<RunResult> {
  return isProgram(loading)
    ? await loading.run(options, platform, mode)
    : await runGuest(loading, options, platform, mode);
}

async function runGuest(
  loading: LoadingModule,
  options: RunOptions,
  platform: Platform,
  mode: WaitMode,
): Promise<RunResult> {
  const guest = await instantiateGuest(loading, options, platform, mode);
  const explain = explainerOf(loading);
  try {
    const status = await (guest.wit?.runToEnd(() => start(guest)) ?? start(guest));
    return { ...status, ...guest.environment.stdio.captured() };
  } catch (error) {
    await explain(error);
    throw error;
  } finally {
    guest.close();
    await guest.environment.finish();
  }
}

async function start(guest: GuestInstance): Promise<ExitStatus> {
  try {
    await guest.start(entryPoint(guest.exports));
    return { exitCode: 0 };
  } catch (error) {
    return exitStatusOrThrow(error);
  }
}
