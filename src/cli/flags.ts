/** The command line. */

import arg from "arg";
import { parsePlatform, type PlatformName } from "./platform_name.ts";
import { UsageError } from "./usage_error.ts";

/** What the command line says of the network. */
export interface NetworkFlags {
  /** `--allow-net`: true for one without a value, or the values as given. */
  readonly allowNet: true | readonly string[];
  /** `--listen`, as given. */
  readonly listen: readonly string[];
  /** `--dial`, as given. */
  readonly dial: readonly string[];
  /** `--dns-server`. */
  readonly dnsServer: string | undefined;
  /** `--sockets`. */
  readonly sockets: string | undefined;
}

/** A command line that was understood. */
export interface Invocation {
  /** What to do. */
  readonly action: "run" | "help" | "version";
  /** `--dir`, as given. */
  readonly dirs: readonly string[];
  /** `--env`, as given. */
  readonly env: readonly string[];
  /** `--env-file`, as given. */
  readonly envFiles: readonly string[];
  /** `--env-inherit`. */
  readonly envInherit: boolean;
  /** `--cwd`. */
  readonly cwd: string | undefined;
  /** `--argv0`. */
  readonly argv0: string | undefined;
  /** `--stack-size` in bytes. */
  readonly stackBytes: number;
  /** `--max-open-files`. */
  readonly maxOpenFiles: number;
  /** `--non-blocking-stdio`. */
  readonly nonBlockingStdio: boolean;
  /** `--platform`. */
  readonly platform: PlatformName;
  /** The options on the network, or undefined if there is none of them. */
  readonly network: NetworkFlags | undefined;
  /** `--trace`. */
  readonly trace: boolean;
  /** The module, `-` for standard input. */
  readonly module: string;
  /** Arguments of the guest. */
  readonly args: readonly string[];
}

/** Stack of a guest unless the command line says otherwise: a Go guest then recurses some 900,000 deep. */
const DEFAULT_STACK = "64M";

const OPTIONS = {
  "--dir": [String],
  "--env": [String],
  "--env-file": [String],
  "--env-inherit": Boolean,
  "--cwd": String,
  "--argv0": String,
  "--stack-size": String,
  "--max-open-files": String,
  "--non-blocking-stdio": Boolean,
  "--allow-net": [String],
  "--listen": [String],
  "--dial": [String],
  "--dns-server": String,
  "--sockets": String,
  "--platform": String,
  "--trace": Boolean,
  "--version": Boolean,
  "--help": Boolean,
  "--tcplisten": "--listen",
  "-v": "--version",
  "-h": "--help",
} satisfies arg.Spec;

/**
 * Read a command line: options, then the module, then its arguments.
 *
 * @param args Arguments of the command.
 * @throws {UsageError} Naming the mistake.
 */
export async function parseCommandLine(args: readonly string[]): Promise<Invocation> {
  const parsed = await parse(args);
  const [module, ...rest] = parsed._;
  const action = parsed["--help"] === true ? "help" : parsed["--version"] === true ? "version" : "run";
  if (action === "run" && (module === undefined || module === "")) {
    throw new UsageError("Cannot run anything: no module is given");
  }
  return {
    action,
    dirs: parsed["--dir"] ?? [],
    env: parsed["--env"] ?? [],
    envFiles: parsed["--env-file"] ?? [],
    envInherit: parsed["--env-inherit"] ?? false,
    cwd: parsed["--cwd"],
    argv0: parsed["--argv0"],
    stackBytes: parseSize("--stack-size", parsed["--stack-size"] ?? DEFAULT_STACK),
    maxOpenFiles: parseCount("--max-open-files", parsed["--max-open-files"] ?? "1024"),
    nonBlockingStdio: parsed["--non-blocking-stdio"] ?? false,
    platform: parsePlatform(parsed["--platform"]),
    network: networkFlags(parsed),
    trace: parsed["--trace"] ?? false,
    module: module ?? "",
    // `--` ends the options of the command, wherever it stands; a second one is the guest's.
    args: rest[0] === "--" ? rest.slice(1) : rest,
  };
}

/** Value of an `--allow-net` that stands alone; no argument of a process has a NUL. */
const EVERYTHING = "\0";

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
  };
}

async function parse(args: readonly string[]): Promise<arg.Result<typeof OPTIONS>> {
  // Its value is optional, which `arg` does not know of: it would take the module for it.
  const argv = args.map((word) => word === "--allow-net" ? `--allow-net=${EVERYTHING}` : word);
  try {
    const parsed = arg(OPTIONS, { argv, stopAtPositional: true });
    // What follows the module is the guest's: as it was.
    parsed._ = args.slice(args.length - parsed._.length);
    return parsed;
  } catch (error) {
    throw await usageErrorOf(error);
  }
}

async function usageErrorOf(error: unknown): Promise<unknown> {
  if (!(error instanceof arg.ArgError)) return error;
  const option = /-[^\s=]*/.exec(error.message)?.[0] ?? "";
  switch (error.code) {
    case "ARG_UNKNOWN_OPTION":
      return new UsageError(`Cannot understand the option ${option}: ${await whatElse(option)}`);
    case "ARG_MISSING_REQUIRED_LONGARG":
    case "ARG_MISSING_REQUIRED_SHORTARG":
      return new UsageError(`Cannot use the option ${option}: it needs a value; write ${option}=VALUE`);
    default:
      return new UsageError(`Cannot read the command line: ${error.message}`);
  }
}

async function whatElse(option: string): Promise<string> {
  const { default: leven } = await import("leven");
  const known = Object.keys(OPTIONS).filter((name) => name.startsWith("--"));
  const near =
    known.map((name) => ({ name, distance: leven(name, option) })).sort((a, b) => a.distance - b.distance)[0];
  if (near !== undefined && near.distance <= 3) return `did you mean ${near.name}?`;
  return "there is no such option; see wasirun --help. Options of the guest go behind the module";
}

/** With less the runtimes themselves can't start. */
const MIN_STACK = 256 * 1024;

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

function parseSize(option: string, text: string): number {
  const match = /^(\d+)([KMG]?)i?B?$/i.exec(text);
  const bytes = match === null ? NaN : Number(match[1]) * UNITS[match[2]!.toUpperCase()]!;
  if (!(bytes >= MIN_STACK && bytes <= 1024 ** 3)) {
    throw new UsageError(`Cannot use ${option}=${text}: write a size from 256K to 1G, such as 8M`);
  }
  return bytes;
}

function parseCount(option: string, text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(count >= 3 && count <= 1_000_000)) {
    throw new UsageError(`Cannot use ${option}=${text}: write a number from 3 to 1000000`);
  }
  return count;
}
