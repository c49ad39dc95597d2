/**
 * A WASI host for Deno, Bun and Node: runs preview 1 modules (Go's `GOOS=wasip1` first of all, and those of Rust, C,
 * TinyGo and Zig) in a sandbox, without blocking the event loop.
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

import { setPlatformDetector } from "./src/runtime/default_platform.ts";

setPlatformDetector(async () => (await import("./src/platform/detect.ts")).detectPlatform());

export * from "./src/runtime/mod.ts";
