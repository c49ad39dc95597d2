/** Checks options at run time: JavaScript programs can pass what TypeScript would reject. */

import { checkNetOptions } from "./check_net_options.ts";
import { checkFlag, checkFunction, checkNumber, checkRecord, checkString, checkStrings, refuse } from "./checks.ts";
import type { RunOptions } from "./options.ts";

/** Number of descriptors that every guest has. */
const STANDARD_STREAMS = 3;

/**
 * Checks options before they are used. Standard streams are checked when they are opened.
 *
 * @throws {TypeError} Naming the option and its valid values.
 */
export function checkOptions(options: RunOptions): void {
  if (typeof options !== "object" || options === null) refuse(options, "options", "pass an object");
  checkStrings(options.args, "options.args");
  checkString(options.argv0, "options.argv0");
  checkEnv(options.env);
  checkPreopens(options.preopens);
  checkString(options.cwd, "options.cwd");
  checkFlag(options.nonBlockingStdio, "options.nonBlockingStdio");
  checkFlag(options.preventClose, "options.preventClose");
  checkNumber(options.maxOpenFiles, "options.maxOpenFiles", STANDARD_STREAMS);
  checkNumber(options.maxMemoryBytes, "options.maxMemoryBytes", 0);
  checkNumber(options.maxTableElements, "options.maxTableElements", 0);
  checkNumber(options.maxCapturedBytes, "options.maxCapturedBytes", 0);
  if (typeof options.imports !== "function") checkImports(options.imports);
  checkFunction(options.onMissingPreopen, "options.onMissingPreopen");
  checkFunction(options.trace, "options.trace");
  checkFunction(options.fetch, "options.fetch");
  checkPlatform(options.platform);
  checkSignal(options.signal);
  checkNetOptions(options.net);
}

/**
 * Checks the caller's imports.
 *
 * @param imports The option, or the result of the function passed as the option.
 * @throws {TypeError} Naming the module that is not an object.
 */
export function checkImports(imports: unknown): void {
  checkRecord(imports, "options.imports", "pass an object of modules, or a function that returns one");
  for (const [name, module] of Object.entries(imports ?? {})) {
    if (module !== undefined && (typeof module !== "object" || module === null)) {
      refuse(module, `options.imports${member(name)}`, "pass an object of functions by their names");
    }
  }
}

function checkEnv(env: unknown): void {
  checkRecord(env, "options.env", "pass an object of strings");
  for (const [name, value] of Object.entries(env ?? {})) {
    if (value !== undefined && typeof value !== "string") {
      refuse(value, `options.env${member(name)}`, "pass a string, or undefined to leave the variable out");
    }
  }
}

const MOUNT = "pass a path of the host, or { source, readOnly }";

function checkPreopens(preopens: unknown): void {
  checkRecord(preopens, "options.preopens", 'pass an object by paths in the guest, such as { "/": "." }');
  for (const [path, mount] of Object.entries(preopens ?? {})) {
    if (typeof mount !== "string") checkMount(mount, `options.preopens${member(path)}`);
  }
}

function checkMount(mount: unknown, name: string): void {
  if (typeof mount !== "object" || mount === null || !("source" in mount)) refuse(mount, name, MOUNT);
  const { source, readOnly, ...others } = mount as Readonly<Record<string, unknown>>;
  const isDirectory = typeof source === "object" && source !== null && "openDirectory" in source;
  if (typeof source !== "string" && !isDirectory) {
    refuse(source, `${name}.source`, "pass a path of the host, or a directory such as one of memoryDirectory");
  }
  checkFlag(readOnly, `${name}.readOnly`);
  const unknown = Object.keys(others)[0];
  // A misspelled "readonly" would let the guest write.
  if (unknown !== undefined) {
    throw new TypeError(`Cannot use ${name}${member(unknown)}: a mount has source and readOnly`);
  }
}

function checkPlatform(platform: unknown): void {
  if (platform === undefined) return;
  if (typeof platform === "function") refuse(platform, "options.platform", "call it, such as posix()");
  if (typeof platform !== "object" || platform === null || !("openRoot" in platform)) {
    refuse(platform, "options.platform", "pass a platform, such as posix() or memoryPlatform()");
  }
}

function checkSignal(signal: unknown): void {
  if (signal === undefined) return;
  if (typeof signal !== "object" || signal === null || !("aborted" in signal)) {
    refuse(signal, "options.signal", "pass an AbortSignal, such as the signal of an AbortController");
  }
}

/** `.A`, or `["/a b"]`. */
function member(name: string): string {
  return /^[\w$]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
