/** Directories for tests, removed at their end. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/** An empty directory of its own. */
export function temporaryDirectory(): string {
  const path = mkdtempSync(join(tmpdir(), "wasirun-posix-"));
  made.push(path);
  return path;
}
