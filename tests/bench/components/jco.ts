/** Components as jco runs them: JavaScript that it generates, over preview2-shim, on Node. */

import { mkdirSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { command } from "../../tools/command.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");
const NODE = join(ROOT, "node_modules", ".bin", "node");
const SHIM = join(
  ROOT,
  "node_modules",
  "@bytecodealliance",
  "jco",
  "node_modules",
  "@bytecodealliance",
  "preview2-shim",
  "dist",
);
const TIMEOUT_MS = 120_000;

/**
 * Make a program of a component that exports `wasi:cli/run`. Its arguments are the folder that the guest sees as `/`, and
 * those of the guest.
 *
 * @param component Path of the component.
 * @returns Path of the program.
 */
export async function jcoProgram(component: string): Promise<string> {
  const name = basename(component, ".wasm");
  const folder = join(ROOT, ".build", "jco_bench", basename(dirname(component)), name);
  mkdirSync(folder, { recursive: true });
  const tool = join(folder, "transpile.mjs");
  writeFileSync(tool, transpilerOf(component, name, folder));
  await command(NODE, ["--no-warnings", tool], { timeoutMs: TIMEOUT_MS });
  const main = join(folder, "main.mjs");
  writeFileSync(main, mainOf(name));
  return main;
}

function transpilerOf(component: string, name: string, folder: string): string {
  return `import { transpile } from "@bytecodealliance/jco";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
const source = readFileSync(${JSON.stringify(component)});
const { files } = await transpile(source, { name: ${JSON.stringify(name)}, instantiation: "async" });
for (const [name, content] of Object.entries(files)) {
  mkdirSync(dirname(join(${JSON.stringify(folder)}, name)), { recursive: true });
  writeFileSync(join(${JSON.stringify(folder)}, name), content);
}`;
}

function mainOf(name: string): string {
  return `import { readFileSync } from "node:fs";
import { WASIShim } from ${JSON.stringify(join(SHIM, "common", "instantiation.js"))};
import { _setArgs } from ${JSON.stringify(join(SHIM, "nodejs", "cli.js"))};
import { _setPreopens } from ${JSON.stringify(join(SHIM, "nodejs", "filesystem.js"))};
import { instantiate } from "./${name}.js";
_setPreopens({ "/": process.argv[2] });
_setArgs([${JSON.stringify(name)}, ...process.argv.slice(3)]);
const module = async (path) => await WebAssembly.compile(readFileSync(new URL(path, import.meta.url)));
const guest = await instantiate(module, new WASIShim().getImportObject());
guest.run.run();
process.exit();
`;
}
