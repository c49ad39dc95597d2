#!/usr/bin/env node
/**
 * The command `wasirun`, as a checkout runs it: picks the process and its platforms.
 *
 * @module
 */

import type { Platform } from "../contract/platform.ts";
import { currentRuntime } from "../platform/runtime.ts";
import type { CommandHost } from "./host/host.ts";
import { main } from "./main.ts";

async function posix(): Promise<Platform> {
  return (await import("../platform/posix/mod.ts")).posix();
}

async function hostOfRuntime(): Promise<CommandHost> {
  switch (currentRuntime()) {
    case "deno": {
      const { denoHost } = await import("./host/deno.ts");
      return denoHost({ posix, runtime: async () => (await import("../platform/deno/mod.ts")).denoPlatform() });
    }
    case "bun": {
      const { nodeHost } = await import("./host/node.ts");
      return nodeHost({ posix, runtime: async () => (await import("../platform/bun/mod.ts")).bunPlatform() });
    }
    case "node": {
      const { nodeHost } = await import("./host/node.ts");
      return nodeHost({ posix, runtime: async () => (await import("../platform/node/mod.ts")).nodePlatform() });
    }
  }
}

void hostOfRuntime().then(main);
