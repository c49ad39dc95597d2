/**
 * `npm run wasmtime-tests`: wasmtime's own test programs of WASI 0.2, and those of preview 1 as components.
 *
 * The environment variable WASMTIME_TEST_PROGRAMS names the folder of the compiled components.
 *
 * @module
 */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { describeEnd, type ProcessResult, runProcess } from "../suites/process.ts";
import { withScratchFolder } from "../suites/scratch.ts";
import type { Execution, OpenSuite, Settings, Suite, TestCase } from "../suites/suite.ts";
import { expectedFailure } from "./expectations.ts";
import { leftOut, type Program, PROGRAMS } from "./programs.ts";

const VARIABLE = "WASMTIME_TEST_PROGRAMS";
const PROGRAM = /^p[12]_\w+\.wasm$/;
const USES_NETWORK = /^p2_(tcp|udp|ip)_/;
const HOW_TO_GET =
  "Build crates/test-programs of github.com/bytecodealliance/wasmtime for wasm32-wasip1, with the linker wasm-component-ld";
const DEFAULT_FLAGS: readonly string[] = ["--dir", ".", "--env", "ERRNO_MODE_UNIX=1"];

/** The suite. */
export const suite: Suite = {
  title: "Runs wasmtime's test programs of WASI 0.2, and those of preview 1 as components.",
  runtimes: ["deno", "bun", "node"],
  jobs: 2,
  seconds: 60,
  folder: VARIABLE,
  options: {
    platform: { value: "NAME", help: "posix or runtime (default: posix where it can be had)" },
  },
  open: (settings) => Promise.resolve(open(settings)),
};

function open({ seconds, values }: Settings): OpenSuite {
  const folder = process.env[VARIABLE];
  if (folder === undefined || !existsSync(folder)) throw new Error(`${VARIABLE} names no folder. ${HOW_TO_GET}`);
  const files = readdirSync(folder).filter((name) => PROGRAM.test(name)).map((name) => basename(name, ".wasm")).sort();
  if (files.length === 0) throw new Error(`${VARIABLE} names a folder without p1_*.wasm and p2_*.wasm. ${HOW_TO_GET}`);
  const platform = values["platform"];
  const flags = platform === undefined ? [] : [`--platform=${platform}`];
  const cases = files.flatMap(casesOf).map((name): TestCase => {
    const path = join(resolve(folder), `${name.replace(/:.*/, "")}.wasm`);
    return {
      name,
      run: (host) => execute(PROGRAMS[name] ?? {}, [...host.command, ...flags], path, seconds),
      expectedFailure: (host) => expectedFailure(name, host.name, platform),
    };
  });
  const left = files.filter((name) => leftOut(name) !== undefined);
  return { cases, notes: () => left.map((name) => `left out: ${name}, ${leftOut(name)}`) };
}

function casesOf(name: string): string[] {
  const variants = Object.keys(PROGRAMS).filter((key) => key.startsWith(`${name}:`));
  return leftOut(name) === undefined ? [name, ...variants] : variants;
}

async function execute(
  program: Program,
  command: readonly string[],
  path: string,
  seconds: number,
): Promise<Execution> {
  return await withScratchFolder(async (scratch) => {
    const cwd = join(scratch, "files");
    mkdirSync(cwd);
    writeFiles(cwd, program.files ?? {});
    const guest = renamed(program, path, scratch);
    const words = [...command, ...program.flags ?? DEFAULT_FLAGS, ...networkOf(path), guest, ...program.args ?? ["/"]];
    const line = program.script === undefined ? words : ["sh", "-c", program.script, "sh", ...words];
    const stdin = program.stdin === undefined ? "null" : { text: program.stdin };
    const result = await runProcess(line, { cwd, timeoutMs: seconds * 1000, stdin });
    return { complaints: [...complaintsOf(program, result), ...wrongFiles(cwd, program)], output: result.output };
  });
}

function writeFiles(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith("/")) mkdirSync(join(folder, name), { recursive: true });
    else writeFileSync(join(folder, name), content);
  }
}

/** With a network a guest also has `/etc`, a directory more than some programs expect. */
function networkOf(path: string): string[] {
  return USES_NETWORK.test(basename(path)) ? ["--allow-net"] : [];
}

/** The program, with another name of a preopen in it. */
function renamed({ renamed }: Program, path: string, folder: string): string {
  if (renamed === undefined) return path;
  const copy = join(folder, basename(path));
  writeFileSync(copy, readFileSync(path, "latin1").replaceAll(...renamed), "latin1");
  return copy;
}

function complaintsOf({ status = 0, stdout, stderr = "" }: Program, result: ProcessResult): string[] {
  const complaints: string[] = [];
  if (result.exitCode !== status) complaints.push(`expected exit status ${status}, got ${describeEnd(result)}`);
  if (stdout !== undefined && result.stdout !== stdout) {
    complaints.push(`expected stdout ${excerpt(stdout)}, got ${excerpt(result.stdout)}`);
  }
  if (!result.stderr.includes(stderr)) complaints.push(`stderr does not have ${stderr}: ${excerpt(result.stderr)}`);
  return complaints;
}

function wrongFiles(folder: string, { after = {} }: Program): string[] {
  return Object.entries(after).flatMap(([name, content]) => {
    const found = readFileSync(join(folder, name), "utf8");
    return found === content ? [] : [`expected ${name} to have ${excerpt(content)}, not ${excerpt(found)}`];
  });
}

function excerpt(text: string): string {
  return text.length > 300 ? `${JSON.stringify(text.slice(0, 300))}… of ${text.length}` : JSON.stringify(text);
}
