/**
 * The platform of Deno, over its own API: its `node:fs` takes 20 ms to load, and most of its calls longer.
 *
 * @module
 */

import { pathForDeno } from "../shared/fs/byte_paths.ts";
import type { PlatformNetwork } from "../../contract/network.ts";
import type { Platform } from "../../contract/platform.ts";
import { performanceMs, runtimeClock } from "../shared/clock.ts";
import { denoDirectoryFds, denoFdPaths, denoPaths } from "./paths.ts";
import { isAllAllowed } from "./permission.ts";
import { denoStdio } from "./stdio.ts";
import { openFdDirectory } from "../shared/fs/fd_directory.ts";
import { openPathDirectory } from "../shared/fs/path_directory.ts";
import { runtimeRandom } from "../shared/random.ts";
import { ownsStream } from "../shared/web_streams.ts";
import type { DenoNamespace, NodeFsOfDeno, ProcessOfDeno } from "./api.ts";

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
  const { denoNetwork } = await import("./network.ts");
  return denoNetwork({ dnsServer });
}

/** Releases before this may return resource ids from `node:fs` (https://github.com/denoland/deno/pull/33039). */
const MIN_VERSION: readonly [major: number, minor: number] = [2, 9];

/** Deno requires all permissions for /proc (https://github.com/denoland/deno/issues/23703). */
function mayHold(deno: DenoNamespace): boolean {
  const [major = 0, minor = 0] = deno.version.deno.split(".").map(Number);
  const isKnown = major > MIN_VERSION[0] || (major === MIN_VERSION[0] && minor >= MIN_VERSION[1]);
  return isKnown && deno.build.os === "linux" && isAllAllowed(deno);
}

function makePlatform(): Platform {
  const deno = (globalThis as unknown as { Deno: DenoNamespace }).Deno;
  const calls = denoPaths(deno, nodeFs);
  return {
    name: "deno",
    clock: runtimeClock(performanceMs, cputimeNs, 1_000_000),
    random: runtimeRandom(),
    stdio: denoStdio(deno, nodeFs),
    tls: async () => await (await import("../shared/tls.ts")).loadTls(),
    network: (mode, dnsServer) => mode === "suspend" ? loadNetwork(dnsServer) : undefined,
    openRoot(path) {
      const root = deno.realPathSync(pathForDeno(path));
      // Fails where it is no directory, or may not be read.
      deno.readDirSync(root)[Symbol.iterator]().next();
      if (mayHold(deno)) {
        const held = openFdDirectory(denoFdPaths(deno, nodeFs()), denoDirectoryFds(deno, nodeFs()), root);
        if (held !== undefined) return held;
      }
      return openPathDirectory(calls, root);
    },
    readFile: (path) => deno.readFileSync(typeof path === "string" ? pathForDeno(path) : path),
    ownsStream,
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
