/**
 * `terminal_host.ts run|runSync runtime|posix MODULE ARGS...`: a program that uses the library, and hands its standard
 * streams to a guest.
 *
 * @module
 */

import process from "node:process";
import { run, type RunOptions, runSync } from "wasirun";
import { posix } from "wasirun/posix";

const [way, platform, module = "", ...args] = process.argv.slice(2);
const options: RunOptions = { args, stdin: "inherit", ...(platform === "posix" ? { platform: posix() } : {}) };
const { exitCode } = way === "run" ? await run(module, options) : runSync(module, options);
process.exit(exitCode);
