/** `instantiate`: a guest whose exports the caller calls. */

import type { Platform, WaitMode } from "../contract/platform.ts";
import type { AsyncDisposal, WasmExports, WasmMemory } from "../contract/web_types.ts";
import { type ComponentGuest, isProgram } from "./component_program.ts";
import { checkOptions } from "./options/check_options.ts";
import { platformOf } from "./default_platform.ts";
import { explainerOf } from "./trap/explain.ts";
import { entryPoint } from "./guest/exit_status.ts";
import type { GuestInstance } from "./guest/instance.ts";
import { instantiateGuest } from "./guest/instantiate_guest.ts";
import { moduleTransform } from "./net/guest_network.ts";
import { canSuspend } from "./jspi.ts";
import { type LoadingModule, startLoading } from "./module/load.ts";
import type { ModuleSource, RunOptions } from "./options/options.ts";

/**
 * A reactor: initialised, and ready to be called until it exits, traps, is aborted by its signal, or is closed. After
 * that every call of it throws, and whatever it still runs is refused all calls of the host.
 */
export interface Guest extends AsyncDisposal {
  /**
   * Exports of the module. A function runs at once, and can't wait: call one that may wait with {@linkcode Guest.call}.
   * It throws what `call` rejects with, and also throws while another call waits, unless that one waits for a function
   * of `imports`. `WebAssembly.promising` does not take these functions.
   */
  readonly exports: WasmExports;
  /** Memory of the guest. */
  readonly memory: WasmMemory;
  /**
   * Call an exported function.
   *
   * A guest has one stack of its own, so it runs one call at a time: calls are queued, and begin in the order in which
   * they were made. A call that is made while a function of `imports` runs, or while its promise is awaited, is nested
   * instead: it begins at once, and the call that waits for that function goes on after it.
   *
   * @param name Its name.
   * @param args Numbers for i32, f32 and f64, bigints for i64.
   * @returns Its result, once it returned; it may have waited in between.
   * @throws {WasiExit} The guest exited in it.
   * @throws {WasiSignal} The guest raised a signal in it.
   * @throws {TrapError} The guest trapped in it.
   * @throws {TypeError} There is no such function, or an argument has the wrong type.
   * @throws {Error} The guest has ended before; the cause says how. If it was closed or aborted during the call, what
   * ended it is thrown.
   */
  call(name: string, ...args: readonly (number | bigint)[]): Promise<number | bigint | undefined>;
  /** What it wrote so far, as {@linkcode RunResult} has it. */
  output(): { stdout?: Uint8Array | string; stderr?: Uint8Array | string };
  /** End it, and close its files and streams. Calls that wait reject. May be called again. */
  close(): Promise<void>;
}

/** What {@linkcode instantiate} makes: a {@linkcode ComponentGuest} if the type of its exports is named. */
export type GuestOf<Exports extends object> = [Exports] extends [never] ? Guest : ComponentGuest<Exports>;

/**
 * Instantiate a reactor (Go: `-buildmode=c-shared` and `//go:wasmexport`), and initialise it. A command can be
 * instantiated too: it is not started until the caller calls `_start`.
 *
 * A component is instantiated as well; name the type of its exports then, such as {@linkcode ComponentExports}.
 *
 * @param source The module or the component.
 * @param options What the guest gets; nothing by default.
 * @returns The guest.
 *
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped while it was initialised.
 * @throws {WasiExit} The guest exited while it was initialised.
 * @throws {MountError} A directory can't be opened.
 * @throws {OutputLimitError} The guest wrote more than may be kept.
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
export async function instantiate<Exports extends object = never>(
  source: ModuleSource,
  options: RunOptions = {},
): Promise<GuestOf<NoInfer<Exports>>> {
  return await instantiateOn<Exports>(platformOf(options), source, options);
}

/** As {@linkcode instantiate}, on a platform that was chosen. */
export async function instantiateOn<Exports extends object = never>(
  platform: Platform,
  source: ModuleSource,
  options: RunOptions,
): Promise<GuestOf<NoInfer<Exports>>> {
  checkOptions(options);
  options.signal?.throwIfAborted();
  const mode = canSuspend() ? "suspend" : "block";
  const loading = await startLoading(source, platform, await moduleTransform(options.net));
  const guest = isProgram(loading)
    ? await loading.instantiate(options, platform, mode)
    : await instantiateModule(loading, options, platform, mode);
  return guest as GuestOf<Exports>;
}

/** As {@linkcode instantiate}, for a module that is read, on a platform that was chosen. */
export async function instantiateModule(
  loading: LoadingModule,
  options: RunOptions,
  platform: Platform,
  mode: WaitMode,
): Promise<Guest> {
  const guest = await instantiateGuest(loading, { ...options, isClosable: true }, platform, mode);
  const explain = explainerOf(loading);
  try {
    await guest.start(entryPoint(guest.exports) === "_initialize" ? "_initialize" : undefined);
  } catch (error) {
    await guest.wit?.finish();
    guest.close();
    await explain(error);
    throw error;
  }
  const close = async (): Promise<void> => {
    guest.calls.close();
    await guest.wit?.finish();
    guest.close();
    await guest.environment.finish();
  };
  return {
    exports: callable(guest, loading.startFunction),
    memory: guest.exports["memory"] as WasmMemory,
    async call(name: string, ...args: readonly (number | bigint)[]) {
      try {
        return await guest.calls.call(name, args) as number | bigint | undefined;
      } catch (error) {
        await guest.wit?.finish();
        await explain(error);
        throw error;
      }
    },
    output: () => guest.environment.stdio.captured(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Exports whose functions are called as the guest's calls are. */
function callable({ exports, calls }: GuestInstance, hidden: string | undefined): WebAssembly.Exports {
  const own: WebAssembly.Exports = Object.create(null);
  for (const [name, value] of Object.entries(exports)) {
    if (name === hidden) continue;
    own[name] = typeof value === "function" ? (...args: unknown[]) => calls.callSync(name, args) : value;
  }
  return Object.freeze(own);
}
