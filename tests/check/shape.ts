/**
 * Checks the size of files, functions and folders, and looks for exports that nobody imports and for boolean literals
 * among the arguments of functions of other folders.
 *
 * `node tests/check/shape.ts [--warn] [root]`; `--warn` only prints what it finds. The exceptions are for this repository.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join, normalize, resolve } from "node:path";
import { typescriptFiles } from "../tools/source_reader.ts";
import { EXCEPTIONS, NO_EXCEPTIONS } from "./shape_exceptions.ts";
import { readShapes } from "./shape_facts.ts";
import { shapeComplaints } from "./shape_rules.ts";

const args = process.argv.slice(2).filter((arg) => arg !== "--warn");
const isWarning = process.argv.includes("--warn");
const root = resolve(args[0] ?? join(import.meta.dirname, "..", ".."));

const folders = ["src", "tests", "examples"].filter((folder) => existsSync(join(root, folder)));
const files = ["mod.ts", "build_npm.ts"].filter((file) => existsSync(join(root, file)));
const paths = [...files, ...folders.flatMap((folder) => typescriptFiles(root, folder))].sort();
const sources = new Set(paths.filter((path) => path.startsWith("src/")));
if (sources.size === 0) throw new Error(`Cannot check ${root}: it has no sources`);

const except = args[0] === undefined ? EXCEPTIONS : NO_EXCEPTIONS;
const complaints = shapeComplaints(readShapes(root, paths, sources), entryPoints(), except);
for (const complaint of complaints) console.error(complaint);
console.log(`${sources.size} files, ${complaints.length} breaches of the rules about their shape`);
process.exitCode = complaints.length === 0 || isWarning ? 0 : 1;

/** What package.json and deno.json publish. */
function entryPoints(): ReadonlySet<string> {
  const found = new Set(["mod.ts"]);
  const add = (value: unknown): void => {
    if (typeof value === "string") found.add(normalize(value));
    else if (typeof value === "object" && value !== null) Object.values(value).forEach(add);
  };
  for (const name of ["package.json", "deno.json"].filter((name) => existsSync(join(root, name)))) {
    add((JSON.parse(readFileSync(join(root, name), "utf8")) as { exports?: unknown }).exports);
  }
  return found;
}
