/**
 * Makes components by jco's tools, which run on Node only: a program of its own, so that tests of every runtime can
 * use it.
 *
 * `node tests/tools/componentize.ts parse TEXT OUTPUT`, or
 * `node tests/tools/componentize.ts new MODULE OUTPUT [--wit FOLDER WORLD] [--adapter command|reactor]`, or
 * `node tests/tools/componentize.ts embed MODULE OUTPUT --wit FOLDER WORLD`: adds the section with the types of a world, or
 * `node tests/tools/componentize.ts world FOLDER WORLD OUTPUT`: imports and exports all of a world, and does nothing
 *
 * @module
 */

import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";

interface Filesystem {
  _setPreopens(preopens: Readonly<Record<string, string>>): void;
}

const JCO = import.meta.resolve("@bytecodealliance/jco");
const ADAPTER_NAME = "wasi_snapshot_preview1";

async function main(): Promise<void> {
  const [action, input = "", output = "", ...rest] = process.argv.slice(2);
  const { parse } = await import("@bytecodealliance/jco");
  if (action === "parse") return await writeFile(output, await parse(await readFile(input, "utf8")));
  if (action === "world") return await writeFile(rest[0] ?? "", await componentOfWorld(input, output));
  const module = new Uint8Array(await readFile(input));
  if (action === "embed") return await writeFile(output, await embedded(module, rest));
  if (action !== "new") throw new TypeError(`Unknown action "${action}": choose of parse, embed, new, world`);
  await writeFile(output, await componentOf(module, rest));
}

async function embedded(binary: Uint8Array, options: readonly string[]): Promise<Uint8Array> {
  const { componentEmbed } = await import("@bytecodealliance/jco");
  await showFiles();
  const [witPath = "", world = ""] = options.slice(options.indexOf("--wit") + 1);
  return await componentEmbed({ binary, witPath, world });
}

async function componentOf(module: Uint8Array, options: readonly string[]): Promise<Uint8Array> {
  const { componentNew } = await import("@bytecodealliance/jco");
  const binary = options.includes("--wit") ? await embedded(module, options) : module;
  const adapterAt = options.indexOf("--adapter");
  if (adapterAt < 0) return await componentNew(binary);
  const path = new URL(`../lib/${ADAPTER_NAME}.${options[adapterAt + 1]}.wasm`, JCO);
  return await componentNew(binary, [[ADAPTER_NAME, new Uint8Array(await readFile(fileURLToPath(path)))]]);
}

async function componentOfWorld(witPath: string, world: string): Promise<Uint8Array> {
  const { componentEmbed, componentNew } = await import("@bytecodealliance/jco");
  await showFiles();
  return await componentNew(await componentEmbed({ dummy: true, witPath, world, features: { tag: "all" } }));
}

/** The tools see the file system through this package. */
async function showFiles(): Promise<void> {
  const require = createRequire(import.meta.resolve("@bytecodealliance/jco-transpile"));
  const shim = pathToFileURL(require.resolve("@bytecodealliance/preview2-shim/filesystem")).href;
  (await import(shim) as Filesystem)._setPreopens({ "/": "/" });
}

await main();
