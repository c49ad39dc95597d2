/** A host without a host. */

import type { Platform, PlatformRandom } from "../../contract/platform.ts";
import type { MemoryDirectory } from "./fs/directory.ts";
import { ManualClock } from "./manual_clock.ts";
import type { MemoryLimits } from "./fs/quota.ts";
import { cryptoRandom, seededRandom } from "./random.ts";
import { realClock } from "./real_clock.ts";
import { MemoryInput, MemoryOutput } from "./stdio.ts";
import { memoryDirectory, type MemoryTree } from "./fs/tree.ts";
import { manualWaiter } from "./waiter.ts";

/** Options of {@linkcode memoryPlatform}. */
export interface MemoryPlatformOptions extends MemoryLimits {
  /** What is in its file system. Default: nothing. */
  readonly files?: MemoryTree;
  /** `"real"` for the clocks of the runtime. Default: a {@linkcode ManualClock}; pass one to move it by hand. */
  readonly clock?: ManualClock | "real";
  /** `"crypto"` for real random bytes. Default: bytes that depend on the seed alone, which are NOT fit for keys. */
  readonly random?: { readonly seed: number } | "crypto";
  /** What the guest reads if its `stdin` is `"inherit"`. Default: nothing; it reads the end at once. */
  readonly stdin?: string | Uint8Array | MemoryInput;
  /** Bytes that each of the outputs keeps; writes beyond it return `NOSPC`. Default: 256 MiB. */
  readonly maxOutputBytes?: number;
}

/** A platform in memory, with what the host program needs to look into it. */
export interface MemoryPlatform extends Platform {
  /** Always `memory`. */
  readonly name: "memory";
  /** The file system. Host paths, such as those of mounts, are looked up in it; relative ones start here too. */
  readonly root: MemoryDirectory;
  /** Feeds guests whose `stdin` is `"inherit"`. */
  readonly stdin: MemoryInput;
  /** Has what guests wrote whose `stdout` is `"inherit"`. */
  readonly stdout: MemoryOutput;
  /** Has what guests wrote whose `stderr` is `"inherit"`. */
  readonly stderr: MemoryOutput;
}

/**
 * A platform that touches nothing outside of it and, by default, behaves the same in every run: files, standard
 * streams, clocks and random bytes are all in memory.
 *
 * Its clock stands still while a guest computes. When a guest waits for a time, the clock goes there at once; guests that
 * suspend do so together, the next deadline first, each after the event loop had a turn.
 *
 * @param options What it starts with.
 *
 * @example Look at what a guest left behind
 * ```ts
 * import { memoryPlatform } from "wasirun/memory";
 * import assert from "node:assert/strict";
 *
 * const platform = memoryPlatform({ files: { data: { "in.txt": "hi" } }, stdin: "a line\n" });
 * // await run(bytes, { platform, stdin: "inherit", preopens: { "/data": "/data" } });
 *
 * assert.equal(platform.root.readText("data/in.txt"), "hi");
 * assert.equal(platform.stdout.text(), "");
 * ```
 */
export function memoryPlatform(options: MemoryPlatformOptions = {}): MemoryPlatform {
  const manual = options.clock === "real" ? undefined : options.clock ?? new ManualClock();
  const clock = manual ?? realClock();
  const root = memoryDirectory(options.files, { ...options, clock });
  const { maxOutputBytes } = options;
  const stdio = {
    stdin: inputOf(options.stdin),
    stdout: new MemoryOutput(maxOutputBytes),
    stderr: new MemoryOutput(maxOutputBytes),
  };
  const platform: MemoryPlatform = {
    name: "memory",
    clock,
    random: randomOf(options.random),
    stdio: () => stdio,
    openRoot: (path) => root.directoryAt(path),
    readFile: (path) => root.readFile(pathOf(path)),
    root,
    ...stdio,
  };
  return manual === undefined ? platform : { ...platform, waiter: (mode) => manualWaiter(manual, mode) };
}

function pathOf(path: string | URL): string {
  if (typeof path === "string") return path;
  if (path.protocol === "file:") return decodeURIComponent(path.pathname);
  throw new TypeError(`Cannot read "${path.href}" from memory: only file: URLs are paths`);
}

function inputOf(source: string | Uint8Array | MemoryInput | undefined): MemoryInput {
  if (source instanceof MemoryInput) return source;
  const input = new MemoryInput();
  if (source !== undefined) input.push(source);
  input.end();
  return input;
}

function randomOf(option: { readonly seed: number } | "crypto" | undefined): PlatformRandom {
  return option === "crypto" ? cryptoRandom() : seededRandom(option?.seed ?? 0);
}
