/**
 * What the linters of packages say: publint, and Are the types wrong?
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { ROOT } from "../suites/runtimes.ts";
import type { Checks } from "./checks.ts";
import type { Installation } from "./install.ts";

/**
 * The command starts with `#!/bin/sh`, because it chooses a runtime. publint knows `#!/usr/bin/env` alone, which would
 * cost each start another program.
 */
const KNOWN = { code: "BIN_FILE_NOT_EXECUTABLE", path: ["bin", "wasirun"] };

/** Lint the package. */
export async function checkLinters(checks: Checks, { folder, tarball, run }: Installation): Promise<void> {
  const pkgDir = join(folder, "node_modules", "wasirun");
  const { messages, pkg } = await publint({ pkgDir, pack: false, strict: true });
  checks.check("the package, by publint", () => {
    const unknown = messages.filter(({ code, path }) => code !== KNOWN.code || path.join() !== KNOWN.path.join());
    assert.deepEqual(unknown.map((message) => formatMessage(message, pkg)), []);
  });
  checks.check("the package, by Are the types wrong?", () => {
    const attw = join(ROOT, "node_modules", "@arethetypeswrong", "cli", "dist", "index.js");
    // It is a package of ES modules: `require` and the resolution of old versions are not its concern.
    const options = ["--profile", "esm-only", "--no-color", "--no-emoji"];
    const { status, stdout, stderr } = run([process.execPath, attw, tarball, ...options], {});
    assert.equal(status, 0, `${stdout}${stderr}`);
  });
}
