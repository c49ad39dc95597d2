/**
 * `npm run go-std`: runs the tests of Go's standard library, built for WASI preview 1, through
 * `bin/go_wasip1_wasm_exec` on each runtime.
 *
 * @module
 */

import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { concurrently } from "../conformance/concurrently.ts";
import { endProcessesOnSignal } from "../conformance/process.ts";
import { findRuntime, parseRuntimeNames, ROOT, type Runtime, type RuntimeName } from "../conformance/runtimes.ts";
import { buildTestBinary } from "./build.ts";
import { EXEC_SCRIPT, execute, type Execution, hostTask, packageTask, type Task } from "./execute.ts";
import { findGo, type GoInstallation, type GoPackage, listPackages } from "./packages.ts";

const RUNTIMES: readonly RuntimeName[] = ["deno", "bun", "node"];
const FEWEST_PACKAGES = 200;
const TAIL_LINES = 20;
const FAILURE = /^\s*--- FAIL|^panic: |^fatal error: |^wasirun: /;
const SLOW_SECONDS = 60;
const HELP = `Usage: npm run go-std -- [options]

  --runtimes LIST    out of ${RUNTIMES.join(",")} (default: all)
  --packages REGEX   only the packages whose import path matches
  --jobs N           how many run at a time (default: 2)
  --timeout SECONDS  for each package (default: 600)
  --list             print the packages, run nothing
  --help             show this text
`;

interface Options {
  readonly runtimes: readonly RuntimeName[];
  readonly packages: RegExp;
  readonly jobs: number;
  readonly timeout: number;
  readonly list: boolean;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  endProcessesOnSignal();
  const installation = findGo();
  const packages = choosePackages(options.packages);
  if (options.list) {
    for (const { path } of packages) console.log(path);
    return 0;
  }
  if (!existsSync(EXEC_SCRIPT)) throw new Error(`${EXEC_SCRIPT} is missing`);
  const runtimes = options.runtimes.map(requireRuntime);
  console.log(`${installation.version}: ${packages.length} packages with tests`);
  const built = await buildAll(packages, installation);
  const tasks = built.map((goPackage) => packageTask(goPackage, installation));
  const host = hostTask(installation);
  if (options.packages.test(host.name)) tasks.push(host);
  const unbuilt = packages.length - built.length;
  const lines: string[] = [];
  let failed = unbuilt;
  for (const runtime of runtimes) {
    const failures = await runAll(tasks, runtime, installation, options);
    failed += failures.length;
    lines.push(summarize(runtime, tasks.length + unbuilt, failures, unbuilt));
  }
  console.log(`\n${lines.join("\n")}`);
  return failed === 0 ? 0 : 1;
}

function readOptions(): Options | undefined {
  const { values } = parseArgs({
    options: {
      runtimes: { type: "string", default: RUNTIMES.join(",") },
      packages: { type: "string", default: "" },
      jobs: { type: "string", default: "2" },
      timeout: { type: "string", default: "600" },
      list: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  return {
    runtimes: parseRuntimeNames(values.runtimes, RUNTIMES),
    packages: new RegExp(values.packages),
    jobs: parseCount("--jobs", values.jobs),
    timeout: parseCount("--timeout", values.timeout),
    list: values.list,
  };
}

function parseCount(flag: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${flag} takes a number from 1, not "${text}"`);
  return count;
}

function choosePackages(pattern: RegExp): GoPackage[] {
  const all = listPackages();
  if (all.length < FEWEST_PACKAGES) throw new Error(`go list std names only ${all.length} packages with tests`);
  const chosen = all.filter(({ path }) => pattern.test(path));
  if (chosen.length === 0) throw new Error(`None of the ${all.length} packages matches ${pattern}`);
  return chosen;
}

function requireRuntime(name: RuntimeName): Runtime {
  const found = findRuntime(name);
  if ("command" in found) return found;
  throw new Error(`Cannot run on ${name}: ${found.reason}`);
}

async function buildAll(packages: readonly GoPackage[], installation: GoInstallation): Promise<GoPackage[]> {
  const built: GoPackage[] = [];
  for (const goPackage of packages) {
    const complaint = await buildTestBinary(goPackage, installation);
    if (complaint === undefined) built.push(goPackage);
    else console.log(`FAIL build of ${goPackage.path}\n${excerpt(complaint)}`);
  }
  return built;
}

async function runAll(
  tasks: readonly Task[],
  runtime: Runtime,
  installation: GoInstallation,
  options: Options,
): Promise<Execution[]> {
  console.log(`\n${runtime.name} ${runtime.version}`);
  rmSync(failuresFolder(runtime), { recursive: true, force: true });
  const executions = await concurrently(tasks, options.jobs, async (task) => {
    const execution = await execute(task, runtime, installation, options.timeout);
    printExecution(execution, runtime);
    return execution;
  });
  return executions.filter(({ failure }) => failure !== undefined);
}

function printExecution({ task, failure, output, seconds }: Execution, runtime: Runtime): void {
  const time = `${seconds.toFixed(1)} s`;
  if (failure !== undefined) {
    console.log(`FAIL ${runtime.name} ${task.name}: ${failure} (${time})`);
    console.log(excerpt(output));
    console.log(`    all of it: ${keepOutput(runtime, task, output)}`);
  } else if (seconds >= SLOW_SECONDS) {
    console.log(`slow ${runtime.name} ${task.name}: ${time}`);
  }
}

/** The lines that name what failed, and the last lines. */
function excerpt(text: string): string {
  const lines = text.trimEnd().split("\n");
  const last = lines.slice(-TAIL_LINES);
  const failures = lines.slice(0, -TAIL_LINES).filter((line) => FAILURE.test(line)).slice(0, TAIL_LINES);
  return [...failures, ...last].map((line) => `    ${line}`).join("\n");
}

function keepOutput(runtime: Runtime, task: Task, output: string): string {
  const path = join(failuresFolder(runtime), `${task.name.replaceAll(/[^\w.]+/g, "_")}.log`);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, output);
  return path;
}

function failuresFolder(runtime: Runtime): string {
  return join(ROOT, ".build", "go_std", "failures", runtime.name);
}

function summarize(runtime: Runtime, count: number, failures: readonly Execution[], unbuilt: number): string {
  const passed = count - failures.length - unbuilt;
  const names = failures.map(({ task }) => task.name).join(", ");
  return `${runtime.name}: ${passed} of ${count}${names === "" ? "" : ` (failed: ${names})`}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
