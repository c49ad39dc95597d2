/** Directories for tests, removed at their end. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

const made: string[] = [];

afterAll(() => {
  for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
});

/**
 * An empty directory of its own.
 *
 * @param parent Where it is made.
 */
export function temporaryDirectory(parent: string = tmpdir()): string {
  const path = mkdtempSync(join(parent, "wasirun-posix-"));
  made.push(path);
  return path;
}
