/** Picks the platform of the runtime, by the globals that only it has. */

import type { Platform } from "../core/platform.ts";

/**
 * Import the platform of this runtime, and no other.
 *
 * @returns What makes it.
 */
export async function detectPlatform(): Promise<() => Platform> {
  const globals = globalThis as { Deno?: { version?: unknown }; Bun?: { version?: unknown } };
  if (globals.Deno?.version !== undefined) return (await import("./deno.ts")).denoPlatform;
  if (globals.Bun?.version !== undefined) return (await import("./bun.ts")).bunPlatform;
  return (await import("./node.ts")).nodePlatform;
}
