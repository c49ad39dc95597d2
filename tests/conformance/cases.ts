/**
 * The preview 1 tests of WebAssembly/wasi-testsuite: where they are and what each one expects.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join, resolve } from "node:path";

/** One test, with the defaults of the suite's specification filled in. */
export interface WasiTest {
  /** File name without `.wasm`; no two tests have the same. */
  readonly name: string;
  /** Path of the module. */
  readonly module: string;
  /** Arguments after the program's name. */
  readonly args: readonly string[];
  /** Environment of the guest. */
  readonly env: Readonly<Record<string, string>>;
  /** Folder whose copy becomes the guest's `/`. */
  readonly root?: string;
  /** Exit code that the guest must end with. */
  readonly exitCode: number;
  /** What the guest must write to standard output, if the test says so. */
  readonly stdout?: string;
  /** What the guest must write to standard error, if the test says so. */
  readonly stderr?: string;
}

/** Number of tests in the branch `prod/testsuite-base`; a run with fewer has lost some. */
const TEST_COUNT = 72;

const LANGUAGES = ["assemblyscript", "c", "rust"] as const;
const KNOWN_KEYS = ["args", "env", "root", "exit_code", "stdout", "stderr"];
const HOW_TO_GET =
  "Get the suite by: git clone --depth 1 --branch prod/testsuite-base https://github.com/WebAssembly/wasi-testsuite";

/**
 * Reads all tests.
 *
 * @param folder The suite's checkout, or undefined if the user named none.
 * @throws {Error} When the folder is not a checkout with compiled tests, or has fewer than {@linkcode TEST_COUNT}.
 */
export function readCases(folder: string | undefined): WasiTest[] {
  if (folder === undefined || folder === "") {
    throw new Error(`Set WASI_TESTSUITE to the folder of the suite. ${HOW_TO_GET}`);
  }
  const folders = LANGUAGES.map((language) => join(resolve(folder), "tests", language, "testsuite", "wasm32-wasip1"));
  const missing = folders.find((path) => !existsSync(path));
  if (missing !== undefined) {
    throw new Error(`WASI_TESTSUITE is not a checkout of prod/testsuite-base: ${missing} is missing. ${HOW_TO_GET}`);
  }
  const tests = folders.flatMap(readFolder);
  if (tests.length < TEST_COUNT) {
    throw new Error(`WASI_TESTSUITE holds ${tests.length} compiled tests, not ${TEST_COUNT}. ${HOW_TO_GET}`);
  }
  const names = tests.map((test) => test.name);
  const double = names.find((name, index) => names.indexOf(name) !== index);
  if (double !== undefined) throw new Error(`Two tests of the suite are named ${double}`);
  return tests;
}

function readFolder(folder: string): WasiTest[] {
  return readdirSync(folder).filter((file) => file.endsWith(".wasm")).sort().map((file) => readTest(folder, file));
}

function readTest(folder: string, file: string): WasiTest {
  const name = basename(file, ".wasm");
  const module = join(folder, file);
  const path = join(folder, `${name}.json`);
  if (!existsSync(path)) return { name, module, args: [], env: {}, exitCode: 0 };
  const specification = asRecord(JSON.parse(readFileSync(path, "utf8")), path);
  const unknown = Object.keys(specification).find((key) => !KNOWN_KEYS.includes(key));
  if (unknown !== undefined) throw new Error(`${path} has the key "${unknown}", which this runner does not know`);
  const { args = [], env = {}, root = null, exit_code: exitCode = 0, stdout = null, stderr = null } = specification;
  if (!Array.isArray(args) || !args.every((arg) => typeof arg === "string")) throw wrong(path, "args");
  if (typeof exitCode !== "number") throw wrong(path, "exit_code");
  return {
    name,
    module,
    args,
    env: asStrings(env, path),
    exitCode,
    ...(root === null ? {} : { root: asFolder(root, folder, path) }),
    ...(stdout === null ? {} : { stdout: asString(stdout, path, "stdout") }),
    ...(stderr === null ? {} : { stderr: asString(stderr, path, "stderr") }),
  };
}

function asFolder(root: unknown, parent: string, path: string): string {
  const folder = join(parent, asString(root, path, "root"));
  if (!existsSync(folder) || !statSync(folder).isDirectory()) throw new Error(`${path} names ${folder}, no folder`);
  return folder;
}

function asString(value: unknown, path: string, key: string): string {
  if (typeof value !== "string") throw wrong(path, key);
  return value;
}

function asStrings(value: unknown, path: string): Record<string, string> {
  const entries = Object.entries(asRecord(value, path));
  return Object.fromEntries(entries.map(([key, text]) => [key, asString(text, path, "env")]));
}

function asRecord(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(path, "an object");
  return { ...value };
}

function wrong(path: string, key: string): Error {
  return new Error(`${path} does not follow the suite's specification: ${key}`);
}
