/**
 * Runs one script: `run_script.ts FILE`, where the file has the assembled commands in JSON. It prints the results in JSON.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import process from "node:process";
import type { AssembledCommand } from "./assembled.ts";
import { ScriptRun } from "./execute.ts";

const [file = ""] = process.argv.slice(2);
const run = new ScriptRun();
const commands = JSON.parse(readFileSync(file, "utf8")) as AssembledCommand[];
const results = [];
for (const command of commands) results.push(await run.execute(command));
console.log(JSON.stringify(results));
