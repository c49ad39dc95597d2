/**
 * Files that a guest, or whoever made a folder, leaves there so that a runtime runs them or takes them for its
 * configuration. Each leaves a mark if it is run.
 *
 * @module
 */

import fs from "node:fs";
import { join } from "node:path";

/** What is put into a folder: content by path. */
export type PlantedFiles = Readonly<Record<string, string>>;

/** Name of the file that a script leaves beside itself once it ran. */
const MARK = "it-ran";

const ESM_SCRIPT =
  `import { writeFileSync } from "node:fs";\nwriteFileSync(new URL("./${MARK}", import.meta.url), "");\n`;
const CJS_SCRIPT = `require("node:fs").writeFileSync(__dirname + "/${MARK}", "");\n`;
const SHELL_SCRIPT = `#!/bin/sh\n: > "\${0%/*}/${MARK}"\n`;

const ENVIRONMENT = (folder: string): string =>
  [
    `BUN_OPTIONS="--preload ${folder}/script.mjs"`,
    `NODE_OPTIONS="--require ${folder}/script.cjs"`,
    "WASIRUN_RUNTIME=none",
    "WASIRUN_CWD=/none",
    "",
  ].join("\n");

const TYPESCRIPT = JSON.stringify({ compilerOptions: { baseUrl: ".", paths: { "*": ["./script.mjs"] } } });

const DENO = JSON.stringify({
  imports: { arg: "./script.mjs", "node:fs": "./script.mjs" },
  preload: ["./script.mjs"],
  nodeModulesDir: "auto",
  lock: "./deno.lock",
});

const PACKAGE = JSON.stringify({
  name: "planted",
  type: "module",
  imports: { "#*": "./script.mjs", "node:fs": "./script.mjs" },
  browser: { arg: "./script.mjs" },
  bun: { preload: ["./script.mjs"] },
  workspaces: ["node_modules/arg"],
  packageManager: "npm@0.0.1",
  dependencies: { arg: "file:./node_modules/arg" },
});

/**
 * Kinds of files that runtimes and their tools look for.
 *
 * @param folder Where they are put.
 */
export function plantedFiles(folder: string): Readonly<Record<string, PlantedFiles>> {
  const executables = ["bun", "deno", "node", "readlink", "runtime.sh"].map((name) => [name, SHELL_SCRIPT]);
  return {
    "bunfig.toml": { "bunfig.toml": 'preload = ["./script.mjs"]\n', ".bunfig.toml": 'preload = ["./script.mjs"]\n' },
    ".env": Object.fromEntries(
      [".env", ".env.local", ".env.development", ".env.production"].map((name) => [name, ENVIRONMENT(folder)]),
    ),
    "tsconfig.json": { "tsconfig.json": TYPESCRIPT, "jsconfig.json": TYPESCRIPT },
    "package.json": {
      "package.json": PACKAGE,
      "bun.lock": "{}",
      "node_modules/arg/package.json": '{ "name": "arg", "version": "5.0.2", "main": "script.cjs" }',
      "node_modules/arg/script.cjs": CJS_SCRIPT,
    },
    "deno.json": {
      "deno.json": DENO,
      "deno.jsonc": DENO,
      "deno.lock": '{ "version": "5" }',
      ".npmrc": "registry=http://127.0.0.1:9/\n",
    },
    "node.config.json": {
      "node.config.json": JSON.stringify({ nodeOptions: { require: ["./script.cjs"], import: ["./script.mjs"] } }),
    },
    "programs of the runtimes' names": Object.fromEntries([
      ...executables,
      ...executables.map(([name, text]) => [`node_modules/.bin/${name}`, text]),
    ]),
  };
}

/** Put files into a folder, with the scripts that they name. */
export function plant(folder: string, files: PlantedFiles): void {
  const all: PlantedFiles = { ...files, "script.mjs": ESM_SCRIPT, "script.cjs": CJS_SCRIPT };
  for (const [path, content] of Object.entries(all)) {
    fs.mkdirSync(join(folder, path, ".."), { recursive: true });
    fs.writeFileSync(join(folder, path), content, { mode: 0o755 });
  }
}

/** Paths of the marks in a folder and beneath it. */
export function marksIn(folder: string): string[] {
  return fs.readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(MARK));
}
