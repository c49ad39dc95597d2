/**
 * The platform of Deno, over its own API: its `node:fs` takes 20 ms to load, and most of its calls longer.
 *
 * @module
 */

import type { PlatformNetwork } from "../core/network.ts";
import type { Platform } from "../core/platform.ts";
import { performanceMs, runtimeClock } from "./_clock.ts";
import { denoPaths } from "./_deno_paths.ts";
import { denoStdio } from "./_deno_stdio.ts";
import { PathDirectory } from "./_path_directory.ts";
import { runtimeRandom } from "./_random.ts";
import type { DenoNamespace, NodeFsOfDeno, ProcessOfDeno } from "./types/deno.ts";

function denoProcess(): ProcessOfDeno {
  return (globalThis as unknown as { process: ProcessOfDeno }).process;
}

function nodeFs(): NodeFsOfDeno {
  return denoProcess().getBuiltinModule("node:fs");
}

function cputimeNs(): number {
  const { user, system } = denoProcess().cpuUsage();
  return (user + system) * 1000;
}

/** Loaded for guests that have a network: the others start 4 ms earlier. */
async function loadNetwork(dnsServer: string | undefined): Promise<PlatformNetwork> {
  const { denoNetwork } = await import("./_deno_network.ts");
  return denoNetwork({ dnsServer });
}

function makePlatform(): Platform {
  const deno = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  const calls = denoPaths(deno, nodeFs);
  return {
    name: "deno",
    clock: runtimeClock(performanceMs, cputimeNs, 1_000_000),
    random: runtimeRandom(),
    stdio: denoStdio(deno, nodeFs),
    network: (suspends, dnsServer) => suspends ? loadNetwork(dnsServer) : undefined,
    openRoot(path) {
      const root = deno.realPathSync(path);
      // Fails where it is no directory, or may not be read.
      deno.readDirSync(root)[Symbol.iterator]().next();
      return new PathDirectory(calls, root);
    },
    readFile: (path) => deno.readFileSync(path),
  };
}

let platform: Platform | undefined;

/**
 * The platform of Deno. Guests can do no more than Deno's permissions allow.
 *
 * @returns Always the same one.
 *
 * @example Its name
 * ```ts
 * import { denoPlatform } from "wasirun/deno";
 * import assert from "node:assert/strict";
 *
 * assert.equal(denoPlatform().name, "deno");
 * ```
 */
export function denoPlatform(): Platform {
  platform ??= makePlatform();
  return platform;
}
