/** The platform of the runtime, for callers who pass none. */

import type { Platform } from "../core/platform.ts";

/** Makes a platform, or looks for what makes it. */
export type PlatformMaker = () => Platform;

let make: PlatformMaker | undefined;
let detect: (() => Promise<PlatformMaker>) | undefined;

/**
 * Name the platform of {@linkcode run} and its relatives for callers who pass none. The entry points of the package for
 * Deno, Bun and Node do so.
 *
 * @param maker Makes it, or answers the one that it has made.
 *
 * @example Run everything in memory
 * ```ts
 * import { setDefaultPlatform } from "wasirun/core";
 * import { memoryPlatform } from "wasirun/memory";
 *
 * const platform = memoryPlatform();
 * setDefaultPlatform(() => platform);
 * ```
 */
export function setDefaultPlatform(maker: PlatformMaker): void {
  make = maker;
}

/** Name how the platform is looked for, when the first guest needs one. */
export function setPlatformDetector(detector: () => Promise<PlatformMaker>): void {
  detect = detector;
}

/** The default, looked for if it was not named. */
export async function defaultPlatform(): Promise<Platform> {
  make ??= await detect?.();
  return defaultPlatformSync();
}

/**
 * The default, without looking for it.
 *
 * @throws {TypeError} If it was neither named nor looked for before.
 */
export function defaultPlatformSync(): Platform {
  if (make !== undefined) return make();
  throw new TypeError(
    'Cannot tell the platform: import "wasirun" (or "wasirun/node", "wasirun/bun", "wasirun/deno") and not the neutral ' +
      "core, or pass options.platform",
  );
}
