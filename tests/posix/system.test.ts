/** The system over the posix platform. */

import { mkdtempSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { posix } from "../../src/platform/posix/mod.ts";
import type { Backend } from "../system/backends.ts";
import { systemSuite } from "../system/suite.ts";

async function posixBackend(): Promise<Backend> {
  const platform = posix();
  const base = await mkdtemp(join(tmpdir(), "wasirun-posix-system-"));
  return {
    name: platform.name,
    platform,
    emptyRoot: () => platform.openRoot(mkdtempSync(join(base, "root-"))),
    dispose: () => rm(base, { recursive: true, force: true }),
  };
}

systemSuite("files of the posix platform", posixBackend);
