/** The platform that a guest runs on. */

import type { Platform } from "../contract/platform.ts";
import type { RunOptions } from "./options/options.ts";

/** Returns a platform, always the same one. */
export type PlatformMaker = () => Platform;

/**
 * The platform of the options, or else that of the runtime.
 *
 * @param options Options of the caller.
 * @param ofRuntime Returns the platform of the runtime; undefined in the neutral library, which has none.
 * @throws {TypeError} If there is neither.
 */
export function platformOf(options: RunOptions | undefined, ofRuntime?: PlatformMaker): Platform {
  const platform = options?.platform ?? ofRuntime?.();
  if (platform !== undefined) return platform;
  throw new TypeError(
    'Cannot run a guest without a platform: import "wasirun" and not "wasirun/core", or pass options.platform',
  );
}
