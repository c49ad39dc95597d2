/** The environment of the guest: `--env-inherit`, `--env-file`, `--env`, the later over the earlier. */

import { UsageError } from "./usage_error.ts";
import { type CommandHost, OWN_VARIABLES } from "./host.ts";

/** What the command line says of the environment. */
export interface EnvironmentFlags {
  /** `--env NAME[=VALUE]`. */
  readonly env: readonly string[];
  /** `--env-file FILE`. */
  readonly envFiles: readonly string[];
  /** `--env-inherit`. */
  readonly envInherit: boolean;
}

/**
 * Put the environment together. Without any flag it is empty.
 *
 * @param flags The command line.
 * @param host Has the environment of the process, and files.
 * @param isMounted True if a mount holds a path of the guest.
 * @throws {UsageError} For what is no variable, and a file that can't be read.
 */
export function guestEnvironment(
  flags: EnvironmentFlags,
  host: CommandHost,
  isMounted: (path: string) => boolean,
): Record<string, string> {
  const env: Record<string, string> = {};
  if (flags.envInherit) {
    Object.assign(env, host.env());
    for (const name of OWN_VARIABLES) delete env[name];
    // The working directory of this process is one of the guest only if it can get there.
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
  if (Object.hasOwn(inherited, name)) env[name] = inherited[name]!;
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
 * Lines `NAME=VALUE`; empty ones and those that begin with `#` are passed over, an `export ` in front is too. A value in
 * single quotes is taken as it is, in double quotes `\n`, `\t`, `\"` and `\\` are read; without quotes it ends before
 * white space and a `#`.
 *
 * @param text Content of the file.
 * @param file Its name, for messages.
 * @throws {UsageError} With the number of the line that is none of these.
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
