/**
 * Checks what the package on JSR would hold: the sources of the library and the command, and no tests.
 *
 * `deno publish --dry-run` needs no network. It fails if an import leads to a file that is not in the package, or if a
 * type of the public API is not written out.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

const ROOT = join(import.meta.dirname, "..", "..");
const TIMEOUT_MS = 120_000;
/** The documents are those that README links to. */
const EXPECTED = /^(?:mod\.ts|src\/.*\.ts|src\/RATIONALE\.md|docs\/[\w-]+\.md|deno\.json|[A-Z]+\.md|LICENSE)$/;
const NEEDED = ["mod.ts", "deno.json", "LICENSE", "README.md", "src/cli/wasirun.ts", "src/runtime/mod.ts"];

function publishedFiles(): string[] {
  const deno = join(ROOT, "node_modules", ".bin", "deno");
  const { status, stdout, stderr, error } = spawnSync(
    deno,
    ["publish", "--dry-run", "--allow-dirty", "--no-check=remote", "--set-version", "0.0.0"],
    { cwd: ROOT, encoding: "utf8", timeout: TIMEOUT_MS, env: { ...process.env, NO_COLOR: "1" } },
  );
  const said = `${stdout}${stderr}`;
  if (status !== 0) throw new Error(`Cannot make the package of JSR:\n${said}${error?.message ?? ""}`);
  const root = pathToFileURL(`${ROOT}/`).href;
  return [...said.matchAll(/^\s*(file:\S+) \(/gm)].map(([, url = ""]) => decodeURIComponent(url.slice(root.length)));
}

const files = publishedFiles();
const complaints = [
  ...files.filter((file) => !EXPECTED.test(file)).map((file) => `${file} is in the package`),
  ...NEEDED.filter((file) => !files.includes(file)).map((file) => `${file} is not in the package`),
];
for (const complaint of complaints) console.error(complaint);
console.log(`${files.length} files`);
process.exitCode = complaints.length === 0 ? 0 : 1;
