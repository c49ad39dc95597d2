/**
 * `npm run differential`: the same components with the same files under wasmtime and under wasirun.
 *
 * The environment variable WASIRUN_WASMTIME names wasmtime's command. Scripts of file operations, some of them random, are
 * done by the guest `script`; other guests are those that `npm run guests -- --all` has built.
 *
 * @module
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describeEnd, type ProcessResult, runProcess } from "../suites/process.ts";
import { withScratchFolder } from "../suites/scratch.ts";
import type { Execution, Host, OpenSuite, Settings, Suite, TestCase } from "../suites/suite.ts";
import { witComponent } from "../tools/component_guests.ts";
import { WASMTIME } from "../tools/wasmtime.ts";
import { ALLOWED } from "./allowed.ts";
import { contentsOf, fillFolder } from "./folder.ts";
import { type ProgramCase, programCases } from "./program_cases.ts";
import { randomScript } from "./random_script.ts";
import { differences, scriptText } from "./replies.ts";
import { SCRIPT_CASES, type ScriptCase } from "./script_cases.ts";

const RANDOM_LENGTH = 400;
const WASMTIME_NETWORK = ["-S", "inherit-network,allow-ip-name-lookup"];

/** The suite. */
export const suite: Suite = {
  title:
    "Runs components under wasmtime and under wasirun, and compares what they write, how they end and what is left.",
  runtimes: ["deno", "bun", "node"],
  jobs: 2,
  seconds: 120,
  options: {
    seed: { value: "N", help: "of the first random script (default: 1)", default: "1" },
    scripts: { value: "N", help: "how many random scripts (default: 20)", default: "20" },
    platform: { value: "NAME", help: "posix or runtime (default: posix where it can be had)" },
  },
  open,
};

/** One run of a component. */
interface Outcome {
  readonly result: ProcessResult;
  /** What is in its folder afterwards. */
  readonly contents: readonly string[];
}

/** How a component is run: the words before it for files and network, and where it is. */
type Run = (program: ProgramCase) => Promise<Outcome>;

async function open({ seconds, values }: Settings): Promise<OpenSuite> {
  if (WASMTIME === undefined) throw new Error("WASIRUN_WASMTIME names no command of wasmtime");
  const guest = await witComponent("script");
  const [first, count] = [Number(values["seed"]), Number(values["scripts"])];
  const random = Array.from({ length: count }, (_, index): [string, ScriptCase] => {
    return [`random script ${first + index}`, { script: randomScript(first + index, RANDOM_LENGTH), allowed: ALLOWED }];
  });
  const { programs, missing, close } = await programCases();
  const wasmtime = (program: ProgramCase): Promise<Outcome> => runWasmtime(program, seconds);
  const wasirun = (host: Host): Run => (program) => runWasirun(host, program, seconds, values["platform"]);
  const cases = [
    ...[...Object.entries(SCRIPT_CASES), ...random].map(([name, script]) => scriptCase(name, guest, script)),
    ...programs,
  ];
  return { cases: cases.map((each) => testCase(each, wasmtime, wasirun)), notes: () => missing, close };
}

function scriptCase(name: string, guest: string, { script, files = {}, allowed }: ScriptCase): ProgramCase {
  return {
    name,
    guest,
    files,
    stdin: scriptText(script),
    compare: (expected, found) => differences(script, expected, found, allowed),
  };
}

function testCase(program: ProgramCase, wasmtime: Run, wasirun: (host: Host) => Run): TestCase {
  let expected: Promise<Outcome> | undefined;
  return {
    name: program.name,
    async run(host): Promise<Execution> {
      const theirs = await (expected ??= wasmtime(program));
      const ours = await wasirun(host)(program);
      const output = `wasmtime:\n${theirs.result.output}\nwasirun:\n${ours.result.output}`;
      return { complaints: complaintsOf(program, theirs, ours), output };
    },
  };
}

function complaintsOf({ compare = sameText, isSilent = true }: ProgramCase, theirs: Outcome, ours: Outcome): string[] {
  const complaints = compare(theirs.result.stdout, ours.result.stdout);
  const [end, found] = [describeEnd(theirs.result), describeEnd(ours.result)];
  if (end !== found) complaints.push(`wasmtime: ${end}, wasirun: ${found}`);
  // What a host says of a trap is its own.
  if (isSilent) complaints.push(...sameText(theirs.result.stderr, ours.result.stderr));
  const contents = ours.contents.join("\n");
  if (theirs.contents.join("\n") !== contents) {
    complaints.push(`wasmtime left ${JSON.stringify(theirs.contents)}, wasirun ${JSON.stringify(ours.contents)}`);
  }
  return complaints;
}

function sameText(expected: string, found: string): string[] {
  if (expected === found) return [];
  return [`wasmtime wrote ${JSON.stringify(expected)}, wasirun ${JSON.stringify(found)}`];
}

async function runWasmtime(program: ProgramCase, seconds: number): Promise<Outcome> {
  const network = program.usesNetwork === true ? WASMTIME_NETWORK : [];
  return await runIn(program, seconds, (folder) => [WASMTIME!, "run", "--dir", `${folder}::/work`, ...network]);
}

async function runWasirun(
  host: Host,
  program: ProgramCase,
  seconds: number,
  platform: string | undefined,
): Promise<Outcome> {
  const network = program.usesNetwork === true ? ["--allow-net"] : [];
  const flags = platform === undefined ? network : [`--platform=${platform}`, ...network];
  return await runIn(program, seconds, (folder) => [...host.command, "--dir", `${folder}::/work`, ...flags]);
}

async function runIn(
  { guest, args = [], env = {}, files = {}, stdin = "" }: ProgramCase,
  seconds: number,
  command: (folder: string) => readonly string[],
): Promise<Outcome> {
  return await withScratchFolder(async (scratch) => {
    const folder = join(scratch, "work");
    mkdirSync(folder);
    fillFolder(folder, files);
    const variables = Object.entries({ PWD: "/work", ...env }).flatMap((
      [name, value],
    ) => ["--env", `${name}=${value}`]);
    const words = [...command(folder), ...variables, guest, ...args];
    const result = await runProcess(words, { timeoutMs: seconds * 1000, stdin: { text: stdin } });
    return { result, contents: contentsOf(folder) };
  });
}
