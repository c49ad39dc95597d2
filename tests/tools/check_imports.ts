/**
 * Checks the import rules, the absence of import cycles, and that the names of a host stand where they belong.
 *
 * `node tests/tools/check_imports.ts [root]`
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { complaintsOf, GLOBAL_NAMES } from "./check_imports_rules.ts";
import { readSources } from "./check_imports_source.ts";

const root = resolve(process.argv[2] ?? join(import.meta.dirname, "..", ".."));
const files = ["mod.ts"].filter((file) => existsSync(join(root, file)));
const sources = readSources(root, ["src"], files, GLOBAL_NAMES);
if (sources.length === 0) throw new Error(`Cannot check ${root}: it has no sources`);
const complaints = complaintsOf(sources);
for (const complaint of complaints) console.error(complaint);
console.log(`${sources.length} files, ${complaints.length} breaches of the import rules`);
process.exitCode = complaints.length === 0 ? 0 : 1;
