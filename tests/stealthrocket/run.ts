/**
 * Runs the tests of stealthrocket/net, compiled for WASI preview 1, on each runtime.
 *
 * `STEALTHROCKET_TESTS=FOLDER node tests/stealthrocket/run.ts [deno] [bun] [node] [options]`
 *
 * The servers that they talk to are started here, on loopback, from what is installed; a DNS server is part of this.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { endProcessesOnSignal } from "../conformance/process.ts";
import type { RuntimeName } from "../conformance/runtimes.ts";
import { startDnsServer, type Zone } from "./dns_server.ts";
import { type Conditions, couldNotRun, execute, type Execution, type Host } from "./execute.ts";
import { expectedFailures } from "./expectations.ts";
import { foreignHost, runtimeHost } from "./hosts.ts";
import { printFailure, printTable } from "./report.ts";
import { LOOPBACK } from "./server_process.ts";
import { withServer } from "./servers.ts";
import { binaryOf, findTests, type Mode, MODES, type Suite, SUITES } from "./suites.ts";

const RUNTIMES: readonly RuntimeName[] = ["deno", "bun", "node"];
const DNS_PORT = 5453;
const HELP = `Usage: STEALTHROCKET_TESTS=FOLDER node tests/stealthrocket/run.ts [RUNTIME]... [options]

  RUNTIME            out of ${RUNTIMES.join(", ")} (default: all)
  --only LIST        out of ${SUITES.map(({ name }) => name).join(",")} (default: all)
  --modes LIST       out of ${MODES.join(",")} (default: all)
  --count N          how often each test runs (default: 1)
  --timeout SECONDS  for each suite (default: 120)
  --host PROGRAM     run on this program, which takes the flags of wasi-go's wasirun, in place of the runtimes
  --verbose          show all that the tests write
  --help             show this text
`;

/** The addresses that the tests of lookups expect. */
const ZONE: Zone = {
  "example.com": {
    ipv4: [Uint8Array.of(10, 0, 0, 1), Uint8Array.of(10, 0, 0, 2)],
    ipv6: [Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0xec, 0x34, 0x70, 0xff, 0xfe, 0x53, 0x47, 0x0e)],
  },
};

interface Options {
  readonly hosts: readonly Host[];
  readonly suites: readonly Suite[];
  readonly modes: readonly Mode[];
  readonly count: number;
  readonly seconds: number;
  readonly verbose: boolean;
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    console.log(HELP);
    return 0;
  }
  const tests = findTests(process.env["STEALTHROCKET_TESTS"]);
  endProcessesOnSignal();
  const dns = await startDnsServer(LOOPBACK, DNS_PORT, ZONE);
  const executions: Execution[] = [];
  try {
    const conditions = { tests, dnsServer: dns.address, seconds: options.seconds, count: options.count };
    for (const suite of options.suites) executions.push(...await runSuite(suite, options, conditions));
  } finally {
    await dns.close();
  }
  printTable(executions, options.hosts.map(({ name }) => name), options.modes, options.suites);
  printExpectations(options);
  console.log(`The DNS server answered ${dns.answered} questions.`);
  return executions.some(({ complaints }) => complaints.length > 0) ? 1 : 0;
}

function readOptions(): Options | undefined {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: "string" },
      modes: { type: "string" },
      count: { type: "string", default: "1" },
      timeout: { type: "string", default: "120" },
      host: { type: "string" },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const names = choose("--only", values.only, SUITES.map(({ name }) => name));
  return {
    hosts: chooseHosts(values.host, positionals),
    suites: SUITES.filter(({ name }) => names.includes(name)),
    modes: choose("--modes", values.modes, MODES),
    count: parseCount("--count", values.count),
    seconds: parseCount("--timeout", values.timeout),
    verbose: values.verbose,
  };
}

function chooseHosts(program: string | undefined, runtimes: readonly string[]): Host[] {
  if (program !== undefined) {
    if (runtimes.length > 0) throw new TypeError("Name runtimes or --host PROGRAM, not both");
    return [foreignHost(program)];
  }
  return choose("RUNTIME", runtimes.length === 0 ? undefined : runtimes.join(","), RUNTIMES).map(runtimeHost);
}

function choose<Name extends string>(flag: string, list: string | undefined, known: readonly Name[]): Name[] {
  if (list === undefined) return [...known];
  const wanted = list.split(",").map((name) => name.trim());
  const unknown = wanted.filter((name) => !known.some((candidate) => candidate === name));
  if (unknown.length > 0) throw new RangeError(`${flag} takes names out of ${known.join(", ")}, not "${list}"`);
  return known.filter((name) => wanted.includes(name));
}

function parseCount(flag: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${flag} takes a number from 1, not "${text}"`);
  return count;
}

/** A suite in all modes on all hosts, with its server. */
async function runSuite(suite: Suite, options: Options, conditions: Conditions): Promise<Execution[]> {
  const pairs = options.hosts.flatMap((host) => options.modes.map((mode) => [host, mode] as const));
  const runAll = async (): Promise<Execution[]> => {
    const executions: Execution[] = [];
    for (const [host, mode] of pairs) executions.push(await runOne(suite, mode, host, options, conditions));
    return executions;
  };
  if (suite.server === undefined) return await runAll();
  try {
    return await withServer(suite.server, runAll);
  } catch (error) {
    const reason = `no ${suite.server}: ${error instanceof Error ? error.message : error}`;
    console.log(`FAIL ${suite.name}: ${reason}`);
    return pairs.map(([host, mode]) => couldNotRun(suite, mode, host, reason));
  }
}

async function runOne(
  suite: Suite,
  mode: Mode,
  host: Host,
  options: Options,
  conditions: Conditions,
): Promise<Execution> {
  const binary = binaryOf(conditions.tests, suite, mode);
  const execution = existsSync(binary)
    ? await execute(suite, mode, host, conditions)
    : couldNotRun(suite, mode, host, `${binary} is missing`);
  if (execution.complaints.length > 0) printFailure(execution);
  if (options.verbose) console.log(execution.output.replace(/^/gm, "    "));
  return execution;
}

function printExpectations({ modes, suites }: Options): void {
  const failures = suites.flatMap(({ name }) => modes.flatMap((mode) => expectedFailures(mode, name)));
  for (const reason of new Set(failures.map((failure) => failure.reason))) {
    const tests = failures.filter((failure) => failure.reason === reason).map(({ test }) => test);
    console.log(`Expected to fail: ${tests.join(", ")}: ${reason}.`);
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
