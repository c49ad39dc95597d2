/**
 * Arguments and variables of the process as text that represents their bytes (`textOfBytes`): the runtimes return
 * U+FFFD for what is not UTF-8, or omit it. On Linux the bytes are in /proc.
 */

import { textOfBytes } from "../../text/byte_text.ts";
import { UsageError } from "../usage_error.ts";

/**
 * Variable with arguments and variables that are not UTF-8, as JSON, for a command that restarts itself: the runtimes
 * start programs with UTF-8 only.
 */
export const STRINGS_VARIABLE = "WASIRUN_STRINGS";

const REPLACEMENT = "\ufffd";

const ARGUMENTS_FILE = "/proc/self/cmdline";
/** The environment of the process on Linux. */
export const ENVIRONMENT_FILE = "/proc/self/environ";

/** Sources of the strings of the process. */
export interface ProcessStrings {
  /** Arguments of the command, from the runtime. */
  readonly args: readonly string[];
  /** Value of {@linkcode STRINGS_VARIABLE}. */
  passed(): string | undefined;
  /** The environment, from the runtime. */
  variables(): Readonly<Record<string, string | undefined>>;
  /** True for a variable that the runtime omits because its value is not UTF-8. */
  readonly isLeftOut?: (name: string) => boolean;
  /** Reads a host file; undefined if it does not exist or must not be read. */
  read(path: string): Uint8Array | undefined;
}

/** Content of {@linkcode STRINGS_VARIABLE}. */
interface PassedStrings {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The arguments of the command.
 *
 * @param process Provides the strings.
 * @throws {UsageError} Naming an argument that may not be UTF-8 and whose bytes are unavailable.
 */
export function exactArguments(process: ProcessStrings): readonly string[] {
  const { args } = process;
  const doubtful = args.findIndex((arg) => arg.includes(REPLACEMENT));
  if (doubtful < 0) return args;
  const passed = readPassed(process).args;
  if (passed !== undefined && isDecodedFrom(args, passed)) return passed;
  const all = stringsIn(process, ARGUMENTS_FILE);
  const own = all?.slice(all.length - args.length);
  if (own !== undefined && isDecodedFrom(args, own)) return own;
  throw new UsageError(
    `Cannot use argument ${doubtful + 1}, ${
      JSON.stringify(args[doubtful])
    }: it may not be UTF-8, and its bytes can't be ` +
      `read from ${ARGUMENTS_FILE}; pass valid UTF-8, or let the command read that file`,
  );
}

/** The environment of the process. */
export interface Environment {
  /** Variables with exact values. */
  readonly variables: Readonly<Record<string, string>>;
  /** Names of the others, as far as known: they are not UTF-8, or may not be. */
  readonly unknown: readonly string[];
  /** True for a variable that exists without a known value. */
  isUnknown(name: string): boolean;
}

/**
 * The environment of the process.
 *
 * @param process Provides the strings.
 */
export function exactEnvironment(process: ProcessStrings): Environment {
  const variables: Record<string, string> = {};
  const doubtful = new Map<string, string | undefined>();
  for (const [name, value] of Object.entries(process.variables())) {
    if (name.includes(REPLACEMENT) || value === undefined || value.includes(REPLACEMENT)) {
      doubtful.set(name, value);
    } else {
      variables[name] = value;
    }
  }
  const passed = Object.entries(readPassed(process).env ?? {});
  const found = new Map([...stringsIn(process, ENVIRONMENT_FILE)?.map(nameAndValue) ?? [], ...passed]);
  const unknown = [...doubtful].filter(([name, value]) =>
    // Bun has no value for a name that is not UTF-8; Node leaves such names out.
    ![...found].some((pair) => isDecodedFrom([name, value ?? pair[1]], pair))
  ).map(([name]) => name);
  for (const [name, value] of found) {
    if (!name.isWellFormed() || !value.isWellFormed() || doubtful.has(name)) variables[name] = value;
  }
  const isUnknown = (name: string): boolean =>
    unknown.includes(name) || (!Object.hasOwn(variables, name) && process.isLeftOut?.(name) === true);
  return { variables, unknown, isUnknown };
}

/**
 * The variable for a command that restarts itself, if it needs one.
 *
 * @param process Provides the strings.
 * @throws {UsageError} Like {@linkcode exactArguments}.
 */
export function processStringsVariable(process: ProcessStrings): Record<string, string> {
  const args = exactArguments(process);
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(exactEnvironment(process).variables)) {
    if (!name.isWellFormed() || !value.isWellFormed()) env[name] = value;
  }
  const needsArgs = args.some((arg) => !arg.isWellFormed());
  if (!needsArgs && Object.keys(env).length === 0) return {};
  const passed: PassedStrings = { ...(needsArgs ? { args } : {}), env };
  return { [STRINGS_VARIABLE]: asciiJson(passed) };
}

function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[\x7f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function readPassed(process: ProcessStrings): PassedStrings {
  const text = process.passed();
  if (text === undefined) return {};
  try {
    return (JSON.parse(text) as PassedStrings | null) ?? {};
  } catch {
    return {};
  }
}

/** Splits NUL-terminated strings. */
function stringsIn(process: ProcessStrings, path: string): string[] | undefined {
  const bytes = process.read(path);
  return bytes === undefined ? undefined : textOfBytes(bytes).split("\0").slice(0, -1);
}

function nameAndValue(variable: string): [name: string, value: string] {
  const equals = variable.indexOf("=", 1);
  return equals < 0 ? [variable, ""] : [variable.slice(0, equals), variable.slice(equals + 1)];
}

/** True if the runtime decoded `exact` to `decoded`. Runtimes differ in the number of U+FFFD for some bytes. */
function isDecodedFrom(decoded: readonly string[], exact: readonly string[]): boolean {
  if (!Array.isArray(exact) || decoded.length !== exact.length) return false;
  return decoded.every((text, i) => withoutReplaced(text) === withoutReplaced(String(exact[i])));
}

function withoutReplaced(text: string): string {
  return text.replace(/[\ufffd\ud800-\udfff]/gu, "");
}
