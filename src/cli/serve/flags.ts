/** The command line of `wasirun serve`. */

import { parsePort, splitHostPort } from "../../text/host_port.ts";
import { type MoreOptions, parseWithMore } from "../flag_parser.ts";
import { ifGiven, MEMORY_SIZES, parseCount, parseSize } from "../flag_values.ts";
import type { Invocation } from "../flags.ts";
import { UsageError } from "../usage_error.ts";
import type { ServerAddress } from "./http_server.ts";

/** A parsed command line. */
export interface ServeInvocation {
  /** What all guests have. */
  readonly invocation: Invocation;
  /** Where to serve. */
  readonly address: ServerAddress;
  /** `--log`. */
  readonly isLogged: boolean;
  /** `--request-timeout`, in ms. */
  readonly timeoutMs: number | undefined;
  /** `--max-body`, in bytes. */
  readonly maxBodyBytes: number | undefined;
  /** `--instances`. */
  readonly instances: number | undefined;
  /** `--reuse`. */
  readonly reuse: number | undefined;
}

const OPTIONS = {
  "--addr": String,
  "--unix": String,
  "--log": Boolean,
  "--request-timeout": String,
  "--max-body": String,
  "--instances": String,
  "--reuse": String,
} satisfies MoreOptions;

/**
 * Parses a command line.
 *
 * @param args What follows `serve`.
 * @throws {UsageError} Naming the mistake.
 */
export async function parseServe(args: readonly string[]): Promise<ServeInvocation> {
  const { invocation, more } = await parseWithMore(args, OPTIONS);
  const text = (name: keyof typeof OPTIONS): string | undefined => more[name] as string | undefined;
  const count = (name: keyof typeof OPTIONS): number | undefined =>
    ifGiven(text(name), (value) => parseCount(name, value, 1, 1_000_000_000));
  const path = text("--unix");
  const addr = text("--addr");
  if (path !== undefined && addr !== undefined) throw new UsageError("Cannot use both --addr and --unix: choose one");
  return {
    invocation,
    address: path === undefined ? tcpAddress(addr ?? "127.0.0.1:8080") : { path },
    isLogged: more["--log"] === true,
    timeoutMs: ifGiven(text("--request-timeout"), parseSeconds),
    maxBodyBytes: ifGiven(text("--max-body"), (value) => parseSize("--max-body", value, MEMORY_SIZES)),
    instances: count("--instances"),
    reuse: count("--reuse"),
  };
}

function tcpAddress(text: string): ServerAddress {
  const { host = "", port: portText = "" } = splitHostPort(text) ?? {};
  const port = parsePort(portText);
  if (port === undefined) {
    throw new UsageError(`Cannot use --addr=${text}: write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080`);
  }
  return { hostname: host === "" ? "0.0.0.0" : host, port };
}

function parseSeconds(text: string): number {
  const ms = /^\d{1,6}(\.\d{1,3})?$/.test(text) ? Math.round(Number(text) * 1000) : 0;
  if (ms > 0) return ms;
  throw new UsageError(`Cannot use --request-timeout=${text}: write seconds, such as 30 or 0.5`);
}
