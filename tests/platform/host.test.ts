/** The platform of the runtime that the tests run on, over a temporary directory. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import type { Platform } from "../../src/core/platform.ts";
import { type PlatformFeatures, platformSuite } from "./platform_suite.ts";

async function hostPlatform(): Promise<Platform> {
  if (process.versions["deno"] !== undefined) return (await import("../../src/platform/deno.ts")).denoPlatform();
  if (process.versions["bun"] !== undefined) return (await import("../../src/platform/bun.ts")).bunPlatform();
  return (await import("../../src/platform/node.ts")).nodePlatform();
}

const platform = await hostPlatform();
const isDeno = platform.name === "deno";

const FEATURES: PlatformFeatures = {
  setTimesStepNs: isDeno ? 1_000_000 : 1000,
  preciseCtim: !isDeno,
  directoryLinkCounts: true,
  listedInos: false,
  removedDirectoryAttributes: false,
  appendModeCanEnd: true,
  cputime: true,
  limitsFileSize: true,
};

platformSuite(platform.name, () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "wasirun-platform-"));
  return Promise.resolve({
    platform,
    root: platform.openRoot(folder),
    features: FEATURES,
    cleanup: () => fs.rmSync(folder, { recursive: true, force: true }),
  });
});
