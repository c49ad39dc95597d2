/** The command line. What parses its options is loaded if there are any. */

import type { PlatformName } from "./platform_name.ts";

/** Options about the network. */
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
  /** `--patch-go-signals`; undefined leaves it at its default, which is true. */
  readonly patchGoSignals?: boolean | undefined;
}

/** A parsed command line. */
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
  /** `--max-memory` in bytes. */
  readonly maxMemoryBytes: number | undefined;
  /** `--max-table-elements`. */
  readonly maxTableElements: number | undefined;
  /** `--non-blocking-stdio`. */
  readonly nonBlockingStdio: boolean;
  /** `--platform`. */
  readonly platform: PlatformName;
  /** Options about the network, or undefined if there are none. */
  readonly network: NetworkFlags | undefined;
  /** `--trace`. */
  readonly trace: boolean;
  /** `--invoke`, as given. */
  readonly invoke: string | undefined;
  /** The module, `-` for standard input. */
  readonly module: string;
  /** Arguments of the guest. */
  readonly args: readonly string[];
}

/** A command line without options. The default stack lets a Go guest recurse about 900,000 deep. */
export const WITHOUT_OPTIONS: Omit<Invocation, "module" | "args"> = {
  action: "run",
  dirs: [],
  env: [],
  envFiles: [],
  envInherit: false,
  cwd: undefined,
  argv0: undefined,
  stackBytes: 64 * 1024 ** 2,
  maxOpenFiles: 1024,
  maxMemoryBytes: undefined,
  maxTableElements: undefined,
  nonBlockingStdio: false,
  platform: "auto",
  network: undefined,
  trace: false,
  invoke: undefined,
};

/**
 * Parses a command line: options, then the module, then its arguments.
 *
 * @param args Arguments of the command.
 * @throws {UsageError} Naming the mistake.
 */
export async function parseCommandLine(args: readonly string[]): Promise<Invocation> {
  const [module = "", ...rest] = args;
  if (module === "" || module === "run" || module.startsWith("-")) {
    return await (await import("./flag_parser.ts")).parseWithOptions(args);
  }
  return { ...WITHOUT_OPTIONS, module, args: guestArguments(rest) };
}

/** The first `--` ends the options of the command; a second one belongs to the guest. */
export function guestArguments(words: readonly string[]): readonly string[] {
  return words[0] === "--" ? words.slice(1) : words;
}
