/** What the program finds in its folder. */

import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const CONTENT_BYTES = 1 << 20;
const ENTRIES = 100;

/** @returns The path of a new one. */
export function makeWorkFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "wasirun-bench-"));
  writeFileSync(join(folder, "content"), new Uint8Array(CONTENT_BYTES));
  mkdirSync(join(folder, "a", "b", "c"), { recursive: true });
  for (const empty of ["name", "old", "a/b/c/name"]) writeFileSync(join(folder, empty), "");
  mkdirSync(join(folder, "many"));
  for (let i = 0; i < ENTRIES; i++) writeFileSync(join(folder, "many", `entry${i}`), "");
  return folder;
}
