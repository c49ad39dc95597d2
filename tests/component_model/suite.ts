/**
 * `npm run component-tests`: the tests of the component model itself (WebAssembly/component-model, folder `test`).
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { describeEnd, runProcess } from "../suites/process.ts";
import type { Execution, Host, Suite, TestCase } from "../suites/suite.ts";
import { assembleScript } from "./assembled.ts";
import type { CommandResult } from "./execute.ts";
import { expectedFailure, expectedFileFailure } from "./expectations.ts";
import { ResultTable } from "./result_table.ts";

const FOLDER = "WASIRUN_COMPONENT_TESTS";
const SCRIPT = join(import.meta.dirname, "run_script.ts");

/** The suite. */
export const suite: Suite = {
  title: "Runs the component model's own tests: decoding, validation, linking, values, resources.",
  runtimes: ["deno", "bun", "node"],
  jobs: 2,
  seconds: 120,
  options: {},
  folder: FOLDER,
  open: async ({ seconds }) => {
    const root = process.env[FOLDER];
    if (root === undefined) throw new Error(`Set ${FOLDER} to the folder "test" of WebAssembly/component-model`);
    const files = (await readdir(root, { recursive: true })).filter((file) => file.endsWith(".wast")).sort();
    if (files.length === 0) throw new Error(`Cannot find any test in ${root}: ${FOLDER} must name the folder "test"`);
    const scratch = mkdtempSync(join(tmpdir(), "component-tests-"));
    const table = new ResultTable();
    const commands = (name: string): string => join(scratch, `${name.replace("/", "-")}.json`);
    return {
      cases: files.map((file) => testCase(nameOf(file), commands(nameOf(file)), seconds, table)),
      prepare: async (cases) => {
        for (const { name } of cases) {
          const script = await assembleScript(readFileSync(join(root, `${name}.wast`), "utf8"));
          writeFileSync(commands(name), JSON.stringify(script));
        }
      },
      notes: () => table.lines(),
      close: () => {
        rmSync(scratch, { recursive: true, force: true });
        return Promise.resolve();
      },
    };
  },
};

function nameOf(file: string): string {
  return `${dirname(file)}/${basename(file, ".wast")}`;
}

function testCase(name: string, commands: string, seconds: number, table: ResultTable): TestCase {
  return {
    name,
    run: async (host) => {
      const result = await runProcess([...host.script, SCRIPT, commands], {
        timeoutMs: seconds * 1000,
        stdin: "null",
      });
      if (result.exitCode !== 0) return { complaints: [describeEnd(result)], output: result.output };
      return judged(name, host, JSON.parse(result.stdout) as CommandResult[], table);
    },
  };
}

/** What is listed must fail, so that the list shrinks. */
function judged(name: string, host: Host, results: readonly CommandResult[], table: ResultTable): Execution {
  const complaints: string[] = [];
  const fileReason = expectedFileFailure(name);
  for (const { line, kind, verdict, message } of results) {
    const reason = expectedFailure(name, line);
    const hasFailed = verdict === "failed";
    table.add(host.name, dirname(name), hasFailed && reason !== undefined ? "expected" : verdict);
    if (hasFailed && reason === undefined) complaints.push(`${name}.wast:${line}: ${kind}: ${message}`);
    if (!hasFailed && reason !== undefined && reason !== fileReason) {
      complaints.push(`${name}.wast:${line}: ${kind} passes, and is listed as an expected failure`);
    }
  }
  if (fileReason !== undefined && results.every(({ verdict }) => verdict !== "failed")) {
    complaints.push(`${name}.wast passes, and is listed as an expected failure`);
  }
  return { complaints, output: results.map((result) => JSON.stringify(result)).join("\n") };
}
