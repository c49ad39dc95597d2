/** The platform of the runtime that the tests run on, over a temporary directory. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import process from "node:process";
import type { Platform, PlatformDirectory } from "../../src/contract/platform.ts";
import { openByPath } from "./by_path.ts";
import { type PlatformFeatures, platformSuite } from "./platform_suite.ts";

async function hostPlatform(): Promise<Platform> {
  if (process.versions["deno"] !== undefined) return (await import("../../src/platform/deno/mod.ts")).denoPlatform();
  if (process.versions["bun"] !== undefined) return (await import("../../src/platform/bun/mod.ts")).bunPlatform();
  return (await import("../../src/platform/node/mod.ts")).nodePlatform();
}

const platform = await hostPlatform();
const isDeno = platform.name === "deno";

const FEATURES: PlatformFeatures = {
  setTimesStepNs: isDeno ? 1_000_000 : 1000,
  preciseCtim: !isDeno,
  directoryLinkCounts: true,
  listedInos: false,
  appendModeCanEnd: true,
  cputime: true,
  limitsFileSize: true,
};

function suite(name: string, openRoot: (path: string) => PlatformDirectory): void {
  platformSuite(name, () => {
    const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "wasirun-platform-")));
    return Promise.resolve({
      platform,
      root: openRoot(folder),
      features: FEATURES,
      cleanup: () => fs.rmSync(folder, { recursive: true, force: true }),
    });
  });
}

suite(platform.name, (path) => platform.openRoot(path));
suite(`${platform.name}, where no descriptor holds a directory`, openByPath);
