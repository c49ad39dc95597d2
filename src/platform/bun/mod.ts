/**
 * The platform of Bun.
 *
 * @module
 */

import fs from "node:fs";
import type { PlatformNetwork } from "../../contract/network.ts";
import type { Platform } from "../../contract/platform.ts";
import { performanceMs, runtimeClock } from "../shared/clock.ts";
import type { DriverOptions } from "../node/network.ts";
import { cputimeNs, platformOverNode } from "../node/platform.ts";
import { runtimeRandom } from "../shared/random.ts";
import type { StdinPull } from "../node/stdio.ts";

/** How long a pipe is left alone that is non-blocking, because whoever shares it made it so, and empty (ms). */
const EMPTY_MS = 5;

/** Reads in the pool of threads, which does not hold up an exit in Bun. */
const pull: StdinPull = () => (bytes) =>
  new Promise((resolve, reject) => {
    function read(): void {
      fs.read(0, bytes, 0, bytes.length, null, (error, count) => {
        if (error === null) resolve(count);
        else if (error.code === "EAGAIN") setTimeout(read, EMPTY_MS);
        else reject(error);
      });
    }
    read();
  });

/** Most guests have no network: what it takes is loaded for those that have. */
async function openNetwork(options: DriverOptions): Promise<PlatformNetwork> {
  const { bunNetwork } = await import("./network.ts");
  return bunNetwork(options);
}

let platform: Platform | undefined;

/**
 * The platform of Bun, over its `node:fs`.
 *
 * @returns Always the same one.
 *
 * @example Its name
 * ```ts
 * import { bunPlatform } from "wasirun/bun";
 * import assert from "node:assert/strict";
 *
 * assert.equal(bunPlatform().name, "bun");
 * ```
 */
export function bunPlatform(): Platform {
  platform ??= platformOverNode("bun", runtimeClock(performanceMs, cputimeNs, 1), runtimeRandom(), pull, openNetwork);
  return platform;
}
