/** Picks the platform of the runtime. */

import type { Platform } from "../contract/platform.ts";
import { bunPlatform } from "./bun/mod.ts";
import { denoPlatform } from "./deno/mod.ts";
import { nodePlatform } from "./node/mod.ts";
import { currentRuntime } from "./runtime.ts";

/** @returns The factory of this runtime's platform. */
export function detectPlatform(): () => Platform {
  return { deno: denoPlatform, bun: bunPlatform, node: nodePlatform }[currentRuntime()];
}
