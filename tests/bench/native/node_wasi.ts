/**
 * Runs a guest with `node:wasi`: `node node_wasi.ts WORK DEVICES MODULE [ARGS]...`
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import { WASI } from "node:wasi";

const [work = "", devices = "", path = "", ...args] = process.argv.slice(2);
const preopens = { [work]: work, [devices]: devices };
const wasi = new WASI({ version: "preview1", args: [path, ...args], preopens });
const module = await WebAssembly.compile(readFileSync(path));
wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject() as WebAssembly.Imports));
