/**
 * A WASI host for Deno, Bun, Node and browsers: runs preview 1 modules (those of Go's `GOOS=wasip1` first of all, and
 * of Rust, C, TinyGo and Zig) in a sandbox, without blocking the event loop.
 *
 * @example Run a module
 * ```ts
 * import { run } from "wasirun";
 * import assert from "node:assert/strict";
 *
 * // (module (func (export "_start")) (memory (export "memory") 1))
 * const module = Uint8Array.from(
 *   atob("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGX3N0YXJ0AAAGbWVtb3J5AgAKBAECAAs="),
 *   (char) => char.charCodeAt(0),
 * );
 * const { exitCode } = await run(module, { args: ["one"] });
 * assert.equal(exitCode, 0);
 * ```
 *
 * @module
 */

import { detectPlatform } from "./src/platform/detect.ts";
import { platformOf } from "./src/runtime/default_platform.ts";
import { compileComponentOn } from "./src/runtime/compile_component.ts";
import { instantiateOn } from "./src/runtime/instantiate.ts";
import type { Captured, CompiledComponent, GuestOf, ModuleSource, RunOptions, RunResult } from "./src/runtime/mod.ts";
import { runOn } from "./src/runtime/run.ts";
import { runSyncOn } from "./src/runtime/run_sync.ts";

export * from "./src/runtime/mod.ts";

/**
 * Runs a guest to its end. While it waits, the event loop and other guests keep running.
 *
 * A guest is suspended by JavaScript Promise Integration: Deno 2.3, Bun 1.4, Node 25 and 24.21 (before that, Node 24
 * with
 * `--experimental-wasm-jspi`). Without it the guest blocks the thread, as with {@linkcode runSync}.
 *
 * @param source The module: bytes, compiled, a path, a URL or a response. A compiled one can be reused.
 * @param options What the guest gets; nothing by default.
 * @returns Its exit code and captured output.
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
  return await runOn(platformOf(options, detectPlatform()), source, options);
}

/**
 * Runs a guest to its end, blocking the thread. Like {@linkcode run}, but without web streams and URLs that must be
 * fetched.
 *
 * @param source The module: bytes, compiled, a path or a `file:` URL.
 * @param options What the guest gets; nothing by default.
 * @returns Its exit code and captured output.
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
  return runSyncOn(platformOf(options, detectPlatform()), source, options);
}

/**
 * Instantiates and initialises a reactor (Go: `-buildmode=c-shared` and `//go:wasmexport`). A command can be
 * instantiated too; it starts when the caller calls `_start`.
 *
 * A component is instantiated as well; name the type of its exports then, such as {@linkcode ComponentExports}.
 *
 * @param source The module or the component.
 * @param options What the guest gets; nothing by default.
 * @returns The guest.
 *
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped during initialisation.
 * @throws {WasiExit} The guest exited during initialisation.
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
  return await instantiateOn<Exports>(platformOf(options, detectPlatform()), source, options);
}

/**
 * Compiles a component, to be run or instantiated again and again. It also loads the runtime of components, so that
 * {@linkcode runSync} takes the result.
 *
 * @param source The component: bytes, a path, a URL or a response.
 * @param options The platform, which reads a path.
 * @returns The component.
 *
 * @throws {ModuleError} The component can't be found or compiled, or is a module.
 *
 * @example Compile the smallest component
 * ```ts
 * import { compileComponent } from "wasirun";
 * import assert from "node:assert/strict";
 *
 * const component = await compileComponent(Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0));
 * assert.deepEqual(component.imports, []);
 * ```
 */
export async function compileComponent(
  source: ModuleSource,
  options?: Pick<RunOptions, "platform">,
): Promise<CompiledComponent> {
  return await compileComponentOn(platformOf(options, detectPlatform()), source);
}
