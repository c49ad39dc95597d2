/** The posix platform, over a temporary directory. */

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { platformSuite } from "../platform/platform_suite.ts";
import { posix } from "../../src/platform/posix/mod.ts";

platformSuite("posix", () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "wasirun-posix-"));
  const platform = posix();
  return Promise.resolve({
    platform,
    root: platform.openRoot(folder),
    features: {
      setTimesStepNs: 1,
      preciseCtim: true,
      directoryLinkCounts: true,
      listedInos: true,
      appendModeCanEnd: true,
      cputime: true,
      limitsFileSize: true,
    },
    cleanup: () => fs.rmSync(folder, { recursive: true, force: true }),
  });
});
