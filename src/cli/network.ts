/** `--allow-net`, `--listen`, `--dial`, `--dns-server` and `--sockets`. */

import { Family } from "../core/network.ts";
import { readDnsServer } from "../core/socket/dns_server.ts";
import { parseRule, RuleError } from "../core/socket/policy_rules.ts";
import { EndpointError, parseEndpoint } from "../runtime/endpoint.ts";
import type { NetOptions, SocketExtension } from "../runtime/options.ts";
import type { NetworkFlags } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

const EXTENSIONS: readonly SocketExtension[] = ["none", "auto", "wasmedgev1", "wasmedgev2", "path_open"];

/**
 * Read the options on the network.
 *
 * @param flags The command line.
 * @throws {UsageError} Naming the option and what to write.
 */
export function netOptions(flags: NetworkFlags): NetOptions {
  const { dnsServer, sockets } = flags;
  for (const text of flags.listen) checkEndpoint("listen", text);
  for (const text of flags.dial) checkEndpoint("dial", text);
  if (dnsServer !== undefined) checkDnsServer(dnsServer);
  return {
    allow: flags.allowNet === true || flags.allowNet.flatMap(rulesOf),
    listen: flags.listen,
    dial: flags.dial,
    ...(dnsServer === undefined ? {} : { dnsServer }),
    ...(sockets === undefined ? {} : { sockets: extensionOf(sockets) }),
  };
}

/** The error of a socket that can't be opened, with the option that asks for it; any other as it is. */
export function withOptionNamed(error: unknown): unknown {
  if (!(error instanceof EndpointError)) return error;
  return new Error(`Cannot use --${error.action} ${error.text}: ${error.reason}`, { cause: error });
}

/** The values of one `--allow-net`. */
function rulesOf(value: string): string[] {
  const rules = value.split(",").map((rule) => rule.trim());
  for (const rule of rules) checkRule(rule);
  return rules;
}

function checkRule(rule: string): void {
  try {
    parseRule(rule);
  } catch (error) {
    if (!(error instanceof RuleError)) throw error;
    throw new UsageError(`Cannot use --allow-net=${rule}: ${error.message}`);
  }
}

function checkEndpoint(option: "listen" | "dial", text: string): void {
  try {
    parseEndpoint(text, option);
  } catch (error) {
    throw error instanceof EndpointError ? new UsageError(`Cannot use --${option} ${text}: ${error.reason}`) : error;
  }
}

function checkDnsServer(text: string): void {
  const address = readDnsServer(text);
  // Brackets belong to IPv6.
  if (address !== undefined && (address.family === Family.INET6 || !text.startsWith("["))) return;
  throw new UsageError(`Cannot use --dns-server ${text}: write ADDRESS, ADDRESS:PORT or [IPv6]:PORT`);
}

function extensionOf(name: string): SocketExtension {
  const known = EXTENSIONS.find((extension) => extension === name);
  if (known !== undefined) return known;
  throw new UsageError(`Cannot use --sockets ${name}: write one of ${EXTENSIONS.join(", ")}`);
}
