/**
 * A guest that serves HTTP, as a handler for `Deno.serve`, `Bun.serve` or `node:http`.
 *
 * @module
 */

import { detectPlatform } from "../platform/detect.ts";
import { platformOf } from "../runtime/default_platform.ts";
import type { ModuleSource } from "../runtime/mod.ts";
import type { App } from "./app.ts";
import { serveOn, type ServeOptions } from "./serve.ts";

export type { App, ServeOptions };

/**
 * Runs a guest that serves HTTP, on a network in memory that uses no port of the operating system.
 *
 * A component that exports `wasi:http/incoming-handler` gets an instance for each request, and uses no such network.
 *
 * The guest may do everything on that network, which is isolated from all others, unless `net.allow` limits it. A guest
 * that can't open sockets needs a listener from the host: `net: { listen: ["127.0.0.1:80"] }`. That one listens from
 * the start: requests wait until the guest accepts them.
 *
 * @param module The module: bytes, compiled, a path, a URL or a response.
 * @param options Options of the guest, as for `run`.
 * @returns The handler, once the guest listens.
 *
 * @throws {Error} If the guest ends before it listens; the message has its exit code and the end of its standard error.
 * @throws {ModuleError} The module can't be found, compiled or linked.
 * @throws {TrapError} The guest trapped before it listened.
 * @throws {TypeError} The options are wrong.
 *
 * @example Pass requests to a guest
 * ```ts
 * import { serve } from "wasirun/serve";
 * import assert from "node:assert/strict";
 *
 * // With a guest that listens:
 * //   const app = await serve("server.wasm", { net: { listen: ["127.0.0.1:80"] } });
 * //   Deno.serve(app.fetch); // Bun.serve({ fetch: app.fetch });
 * // This one ends at once: (module (func (export "_start")) (memory (export "memory") 1))
 * const module = Uint8Array.from(
 *   atob("AGFzbQEAAAABBAFgAAADAgEABQMBAAEHEwIGX3N0YXJ0AAAGbWVtb3J5AgAKBAECAAs="),
 *   (char) => char.charCodeAt(0),
 * );
 * await assert.rejects(serve(module), /ended with exit code 0 before it listened/);
 * ```
 */
export async function serve(module: ModuleSource, options: ServeOptions = {}): Promise<App> {
  return await serveOn(platformOf(options, detectPlatform()), module, options);
}
