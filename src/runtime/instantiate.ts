/** `instantiate`: a guest whose exports the caller calls. */

import { defaultPlatform } from "./default_platform.ts";
import { entryPoint, makeGuest } from "./guest.ts";
import { changeFor } from "./guest_network.ts";
import { canSuspend } from "./jspi.ts";
import { loadModule } from "./load.ts";
import type { ModuleSource, RunOptions } from "./options.ts";

/** A reactor: initialised, and ready to be called until it is closed. */
export interface Guest {
  /** Exports of the module, as they are. Functions that may wait are called with {@linkcode Guest.call}. */
  readonly exports: WebAssembly.Exports;
  /** Memory of the guest. */
  readonly memory: WebAssembly.Memory;
  /**
   * Call an exported function.
   *
   * @param name Its name.
   * @param args Numbers for i32, f32 and f64, bigints for i64.
   * @returns Its result, once it returned; it may have waited in between.
   * @throws {WasiExit} The guest exited in it; it can't be called again.
   * @throws {TrapError} The guest trapped in it.
   */
  call(name: string, ...args: readonly (number | bigint)[]): Promise<number | bigint | undefined>;
  /** What it wrote so far, as {@linkcode RunResult} has it. */
  output(): { stdout?: Uint8Array | string; stderr?: Uint8Array | string };
  /** Close its files and streams. */
  close(): Promise<void>;
}

/**
 * Instantiate a reactor (Go: `-buildmode=c-shared` and `//go:wasmexport`), and initialise it. A command can be
 * instantiated too: it is not started until the caller calls `_start`.
 *
 * @param source The module.
 * @param options What the guest gets; nothing by default.
 * @returns The guest.
 *
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped while it was initialised.
 * @throws {WasiExit} The guest exited while it was initialised.
 * @throws {TypeError} The options are wrong.
 *
 * @example Call an export
 * ```ts
 * import { instantiate } from "wasirun";
 * import assert from "node:assert/strict";
 *
 * // (module (func (export "_initialize")) (memory (export "memory") 1)
 * //   (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add))
 * const module = Uint8Array.from(
 *   atob("AGFzbQEAAAABCgJgAABgAn9/AX8DAwIAAQUDAQABBx4DC19pbml0aWFsaXplAAAGbWVtb3J5AgADYWRkAAEKDAICAAsHACAAIAFqCw=="),
 *   (char) => char.charCodeAt(0),
 * );
 * const guest = await instantiate(module);
 * assert.equal(await guest.call("add", 2, 3), 5);
 * await guest.close();
 * ```
 */
export async function instantiate(source: ModuleSource, options: RunOptions = {}): Promise<Guest> {
  const platform = options.platform ?? await defaultPlatform();
  const loaded = await loadModule(source, platform, await changeFor(options.net));
  const guest = await makeGuest(loaded, options, platform, canSuspend());
  try {
    if (entryPoint(guest.exports) === "_initialize") await guest.call("_initialize", []);
  } catch (error) {
    guest.close();
    throw error;
  }
  return {
    exports: guest.exports,
    memory: guest.exports["memory"] as WebAssembly.Memory,
    async call(name, ...args) {
      return await guest.call(name, args) as number | bigint | undefined;
    },
    output: () => guest.stdio.captured(options.stdout, options.stderr),
    async close() {
      guest.close();
      await guest.finish(options.signal);
    },
  };
}
