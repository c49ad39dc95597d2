/** Parses the options of the command line. */

import arg from "arg";
import { ifGiven, MEMORY_SIZES, parseCount, parseSize, STACK_SIZES } from "./flag_values.ts";
import { guestArguments, type Invocation, type NetworkFlags, WITHOUT_OPTIONS } from "./flags.ts";
import { parsePlatform } from "./platform_name.ts";
import { UsageError } from "./usage_error.ts";

/** Value of a flag without a value. */
const ALONE = "true";

/** Value of `--allow-net` without rules; no argument of a process contains a NUL. */
const EVERYTHING = "\0";

/** Parses a flag: an option that is true without a value, and otherwise takes `true` or `false`. */
function flag(value: string, name: string): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw new UsageError(`Cannot use ${name}=${value}: write ${name}, ${name}=true or ${name}=false`);
}

/** All options. Boolean ones are a {@linkcode flag}: `Boolean` would accept any value as true. */
const OPTIONS = {
  "--dir": [String],
  "--env": [String],
  "--env-file": [String],
  "--env-inherit": flag,
  "--cwd": String,
  "--argv0": String,
  "--stack-size": String,
  "--max-open-files": String,
  "--max-memory": String,
  "--max-table-elements": String,
  "--non-blocking-stdio": flag,
  "--allow-net": [String],
  "--listen": [String],
  "--dial": [String],
  "--dns-server": String,
  "--sockets": String,
  "--patch-go-signals": flag,
  "--platform": String,
  "--trace": flag,
  "--invoke": String,
  "--version": flag,
  "--help": flag,
  "--tcplisten": "--listen",
  "-v": "--version",
  "-h": "--help",
} satisfies Readonly<Record<string, typeof flag | StringConstructor | [StringConstructor] | `-${string}`>>;

/** Names of the boolean options. */
const FLAGS: readonly string[] = Object.entries(OPTIONS).filter(([, type]) => type === flag).map(([name]) => name);

/**
 * Parses a command line with options.
 *
 * @param args Arguments of the command.
 * @throws {UsageError} Naming the mistake.
 */
export async function parseWithOptions(args: readonly string[]): Promise<Invocation> {
  return (await parseWithMore(args, {})).invocation;
}

/** Options of a subcommand, beside those of every guest: a string, or a flag. */
export type MoreOptions = Readonly<Record<`--${string}`, StringConstructor | BooleanConstructor>>;

/** A command line with the options of a subcommand. */
export interface WithMore {
  /** What all guests have. */
  readonly invocation: Invocation;
  /** Values of the options of the subcommand: a flag is true. */
  readonly more: Readonly<Record<string, string | boolean | undefined>>;
}

/**
 * As {@linkcode parseWithOptions}, with more options.
 *
 * @param args Arguments of the command.
 * @param more The other options.
 * @throws {UsageError} Naming the mistake.
 */
export async function parseWithMore(args: readonly string[], more: MoreOptions): Promise<WithMore> {
  const first = await parse(args, more);
  const words = withoutRun(args, first._) ?? args;
  const parsed = words === args ? first : await parse(words, more);
  checkAllowNet(words, parsed._);
  const [module, ...rest] = parsed._;
  const action = parsed["--help"] === true ? "help" : parsed["--version"] === true ? "version" : "run";
  if (action === "run" && (module === undefined || module === "")) {
    const name = words === args ? "" : "; a module whose name is run is ./run";
    throw new UsageError(`Cannot run anything: no module is given${name}`);
  }
  const invocation: Invocation = {
    action,
    dirs: parsed["--dir"] ?? [],
    env: parsed["--env"] ?? [],
    envFiles: parsed["--env-file"] ?? [],
    envInherit: parsed["--env-inherit"] ?? false,
    cwd: parsed["--cwd"],
    argv0: parsed["--argv0"],
    ...limits(parsed),
    nonBlockingStdio: parsed["--non-blocking-stdio"] ?? false,
    platform: parsePlatform(parsed["--platform"]),
    network: networkFlags(parsed),
    trace: parsed["--trace"] ?? false,
    invoke: parsed["--invoke"],
    module: module ?? "",
    args: guestArguments(rest),
  };
  return { invocation, more: parsed as unknown as WithMore["more"] };
}

/** Options about what a guest may use. */
type Limits = Pick<Invocation, "stackBytes" | "maxOpenFiles" | "maxMemoryBytes" | "maxTableElements">;

function limits(parsed: arg.Result<typeof OPTIONS>): Limits {
  const { "--stack-size": stack, "--max-open-files": files, "--max-memory": memory } = parsed;
  const elements = parsed["--max-table-elements"];
  return {
    stackBytes: ifGiven(stack, (text) => parseSize("--stack-size", text, STACK_SIZES)) ?? WITHOUT_OPTIONS.stackBytes,
    maxOpenFiles: ifGiven(files, (text) => parseCount("--max-open-files", text, 3, 1_000_000)) ??
      WITHOUT_OPTIONS.maxOpenFiles,
    maxMemoryBytes: ifGiven(memory, (text) => parseSize("--max-memory", text, MEMORY_SIZES)),
    maxTableElements: ifGiven(elements, (text) => parseCount("--max-table-elements", text, 0, 1_000_000_000)),
  };
}

function networkFlags(parsed: arg.Result<typeof OPTIONS>): NetworkFlags | undefined {
  const allow = parsed["--allow-net"];
  const listen = parsed["--listen"];
  const dial = parsed["--dial"];
  const dnsServer = parsed["--dns-server"];
  const sockets = parsed["--sockets"];
  if ((allow ?? listen ?? dial ?? dnsServer ?? sockets) === undefined) return undefined;
  return {
    allowNet: allow?.includes(EVERYTHING) === true || (allow ?? []),
    listen: listen ?? [],
    dial: dial ?? [],
    dnsServer,
    sockets,
    patchGoSignals: parsed["--patch-go-signals"],
  };
}

async function parse(args: readonly string[], more: MoreOptions): Promise<arg.Result<typeof OPTIONS>> {
  const flags = Object.keys(more).filter((name) => more[name as `--${string}`] === Boolean);
  try {
    const own = Object.entries(more).map(([name, type]) => [name, type === Boolean ? flag : String]);
    const options = { ...OPTIONS, ...Object.fromEntries(own) as Record<string, typeof flag> };
    const parsed = arg(options, { argv: args.map((word) => withValue(word, flags)), stopAtPositional: true });
    // Arguments after the module go to the guest unchanged.
    parsed._ = args.slice(args.length - parsed._.length);
    return parsed;
  } catch (error) {
    throw await usageErrorOf(error, args, more);
  }
}

/** Adds the value of options whose value is optional, which `arg` does not support: it would take the next word. */
function withValue(word: string, flags: readonly string[]): string {
  if (word === "--allow-net") return `--allow-net=${EVERYTHING}`;
  const short = /^-([vh])[vh]*$/.exec(word)?.[1];
  if (short !== undefined) return `${OPTIONS[`-${short as "v" | "h"}`]}=${ALONE}`;
  return FLAGS.includes(word) || flags.includes(word) ? `${word}=${ALONE}` : word;
}

/** Accepts `wasirun run app.wasm`, the form of other tools. A module of this name is `./run`. */
function withoutRun(args: readonly string[], rest: readonly string[]): string[] | undefined {
  const at = args.length - rest.length;
  if (rest[0] !== "run" || args[at - 1] === "--") return undefined;
  return [...args.slice(0, at), ...args.slice(at + 1)];
}

/** Rejects `--allow-net 127.0.0.1:8080 app.wasm`, which would run the rule as a module. */
function checkAllowNet(args: readonly string[], rest: readonly string[]): void {
  const [word = "", next = ""] = rest;
  if (args[args.length - rest.length - 1] !== "--allow-net" || /\.wasm$|:\/\/|^\.*\//.test(word)) return;
  const looksLikeRule = /^(?:listen|connect|unix):|:\d+(?:-\d+)?$|^[\d.]+(?:\/\d+)?$|^[*[]|,/.test(word);
  const looksLikeHost = /^(?:localhost|[\w-]+(?:\.[\w-]+)+)$/.test(word) && next.endsWith(".wasm");
  if (!looksLikeRule && !looksLikeHost) return;
  throw new UsageError(`Cannot use --allow-net ${word}: the rules follow a =; write --allow-net=${word}`);
}

async function usageErrorOf(error: unknown, args: readonly string[], more: MoreOptions): Promise<unknown> {
  if (!(error instanceof arg.ArgError)) return error;
  // The message contains the option: up to its end, or one letter.
  const option = /(?<=: |\bargument: )-[^=]*/s.exec(error.message)?.[0] ?? "";
  switch (error.code) {
    case "ARG_UNKNOWN_OPTION": {
      const typed = args.find((word) => word.startsWith(option))?.replace(/=.*$/s, "") ?? option;
      const { unknownOptionAdvice } = await import("./hints/unknown_option.ts");
      const known = [...Object.keys(OPTIONS), ...Object.keys(more)].filter((name) => name.startsWith("--"));
      return new UsageError(`Cannot understand the option ${typed}: ${unknownOptionAdvice(typed, known, FLAGS)}`);
    }
    case "ARG_MISSING_REQUIRED_LONGARG":
    case "ARG_MISSING_REQUIRED_SHORTARG":
      return new UsageError(`Cannot use the option ${option}: it needs a value; write ${option}=VALUE`);
    default:
      return new UsageError(`Cannot read the command line: ${error.message}`);
  }
}
