/** The environment of the guest from `--env-inherit`, `--env-file` and `--env`; later ones override earlier ones. */

import { UsageError } from "./usage_error.ts";
import { type CommandHost, OWN_VARIABLES } from "./host/host.ts";
import { ENVIRONMENT_FILE } from "./host/process_strings.ts";

/** Options about the environment. */
export interface EnvironmentFlags {
  /** `--env NAME[=VALUE]`. */
  readonly env: readonly string[];
  /** `--env-file FILE`. */
  readonly envFiles: readonly string[];
  /** `--env-inherit`. */
  readonly envInherit: boolean;
}

/**
 * Builds the environment, which is empty by default.
 *
 * @param flags The command line.
 * @param host Provides the environment of the process, and files.
 * @param isMounted True if a mount holds a path of the guest.
 * @throws {UsageError} For an invalid variable or an unreadable file.
 */
export function guestEnvironment(
  flags: EnvironmentFlags,
  host: CommandHost,
  isMounted: (path: string) => boolean,
): Record<string, string> {
  const env: Record<string, string> = {};
  if (flags.envInherit) {
    const { variables, unknown } = host.env();
    if (unknown.length > 0) throw unknownVariable(unknown[0]!);
    Object.assign(env, variables);
    for (const name of OWN_VARIABLES) delete env[name];
    // PWD of this process is meaningful to the guest only if it is mounted.
    if (env["PWD"] !== undefined && !isMounted(env["PWD"])) delete env["PWD"];
  }
  for (const file of flags.envFiles) Object.assign(env, readEnvFile(file, host));
  for (const variable of flags.env) setVariable(env, variable, host);
  return env;
}

function setVariable(env: Record<string, string>, variable: string, host: CommandHost): void {
  const equals = variable.indexOf("=");
  const name = equals < 0 ? variable : variable.slice(0, equals);
  if (name === "") {
    throw new UsageError(`Cannot use --env ${variable}: write NAME=VALUE, or NAME to pass on a variable`);
  }
  if (equals >= 0) {
    env[name] = variable.slice(equals + 1);
    return;
  }
  const inherited = host.env();
  if (inherited.isUnknown(name)) throw unknownVariable(name);
  if (Object.hasOwn(inherited.variables, name)) env[name] = inherited.variables[name]!;
}

function unknownVariable(name: string): UsageError {
  return new UsageError(
    `Cannot pass on the variable ${name}: it may not be UTF-8, and its bytes can't be read from ${ENVIRONMENT_FILE}; ` +
      `set it with --env NAME=VALUE, or unset it`,
  );
}

function readEnvFile(file: string, host: CommandHost): Record<string, string> {
  let text: string;
  try {
    text = host.readText(file);
  } catch (error) {
    throw new UsageError(`Cannot read the --env-file ${file}: ${error instanceof Error ? error.message : error}`);
  }
  return parseEnvFile(text, file);
}

/**
 * Parses lines of `NAME=VALUE`. Empty lines, comments (`#`) and a leading `export ` are ignored. A value in
 * single quotes is literal, in double quotes `\n`, `\t`, `\"` and `\\` are unescaped; without quotes it ends before
 * white space and a `#`.
 *
 * @param text Content of the file.
 * @param file Its name, for messages.
 * @throws {UsageError} With the number of an invalid line.
 */
export function parseEnvFile(text: string, file: string): Record<string, string> {
  const env: Record<string, string> = {};
  text.split(/\r?\n/).forEach((line, index) => {
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) return;
    const match = /^(?:export\s+)?([^\s=]+)\s*=\s*(.*)$/.exec(trimmed);
    if (match === null) throw new UsageError(`Cannot read line ${index + 1} of ${file}: write NAME=VALUE`);
    env[match[1]!] = unquote(match[2]!);
  });
  return env;
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function unquote(value: string): string {
  const single = /^'([^']*)'\s*(?:#.*)?$/.exec(value);
  if (single !== null) return single[1]!;
  const double = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(value);
  if (double !== null) return double[1]!.replace(/\\(.)/g, (_, char: string) => ESCAPES[char] ?? char);
  return value.replace(/\s+#.*$/, "");
}
