/** `--allow-net`, `--listen`, `--dial`, `--dns-server` and `--sockets`. */

import { readDnsServer } from "../core/net/dns/server_address.ts";
import { parseRule, RuleError } from "../core/net/policy/rules.ts";
import { EndpointError, parseEndpoint } from "../runtime/net/endpoint.ts";
import type { NetOptions, SocketExtension } from "../runtime/options/options.ts";
import type { NetworkFlags } from "./flags.ts";
import { UsageError } from "./usage_error.ts";

const EXTENSIONS: readonly SocketExtension[] = ["none", "auto", "wasmedgev1", "wasmedgev2", "path_open"];

/**
 * Converts the options about the network.
 *
 * @param flags The command line.
 * @throws {UsageError} Naming the option and a correct form.
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
    ...(flags.patchGoSignals === false ? { patchGoSignals: false } : {}),
    ...(sockets === undefined ? {} : { sockets: extensionOf(sockets) }),
  };
}

/** Adds the option to the error of a socket that can't be opened; returns other errors unchanged. */
export function withOptionNamed(error: unknown): unknown {
  if (!(error instanceof EndpointError)) return error;
  return new Error(`Cannot use --${error.action} ${error.text}: ${error.reason}`, { cause: error });
}

/** The values of one `--allow-net`. */
function rulesOf(value: string): string[] {
  const rules = value.split(",").map((rule) => rule.trim());
  checkWords(value, rules);
  for (const rule of rules) checkRule(rule);
  return rules;
}

/** Words that other options or other tools accept. */
const EVERYTHING = ["true", "yes", "on", "all", "any"];
const NOTHING = ["false", "no", "off", "none"];

function checkWords(value: string, rules: readonly string[]): void {
  for (const rule of rules) {
    const word = rule.toLowerCase();
    if (EVERYTHING.includes(word)) {
      throw new UsageError(`Cannot use --allow-net=${value}: write --allow-net alone to allow everything`);
    }
    if (NOTHING.includes(word)) {
      throw new UsageError(`Cannot use --allow-net=${value}: nothing is allowed without the option; leave it out`);
    }
  }
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
  if (readDnsServer(text) !== undefined) return;
  throw new UsageError(`Cannot use --dns-server ${text}: write ADDRESS, ADDRESS:PORT or [IPv6]:PORT`);
}

function extensionOf(name: string): SocketExtension {
  const known = EXTENSIONS.find((extension) => extension === name);
  if (known !== undefined) return known;
  throw new UsageError(`Cannot use --sockets ${name}: write one of ${EXTENSIONS.join(", ")}`);
}
