#!/usr/bin/env node
/**
 * The command `wasirun`: picks the process that it runs in, and nothing else.
 *
 * @module
 */

import type { CommandHost } from "./host.ts";
import { main } from "./main.ts";

async function hostOfRuntime(): Promise<CommandHost> {
  const globals = globalThis as { Deno?: { version?: unknown }; Bun?: { version?: unknown } };
  if (globals.Deno?.version !== undefined) return (await import("./host_deno.ts")).denoHost();
  const { nodeHost } = await import("./host_node.ts");
  if (globals.Bun?.version !== undefined) return nodeHost((await import("../platform/bun.ts")).bunPlatform());
  return nodeHost((await import("../platform/node.ts")).nodePlatform());
}

void hostOfRuntime().then(main);
