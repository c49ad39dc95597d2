/**
 * `npm run stealthrocket`: the tests of stealthrocket/net, compiled for WASI preview 1.
 *
 * The environment variable STEALTHROCKET_TESTS names the folder of the compiled tests. The servers that they talk to
 * are started here, on loopback, from what is installed; a DNS server is part of this.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { basename, resolve } from "node:path";
import { parseCount } from "../suites/arguments.ts";
import { describeEnd, type ProcessResult, runProcess } from "../suites/process.ts";
import { withScratchFolder } from "../suites/scratch.ts";
import type { Execution, Host, OpenSuite, Settings, Suite, TestCase } from "../suites/suite.ts";
import { type NameData, startDnsServer } from "../network/dns_server.ts";
import { type ExpectedFailure, expectedFailures } from "./expectations.ts";
import { binaryOf, findTests, type Mode, MODES, type Package, PACKAGES } from "./packages.ts";
import { LOOPBACK, Servers } from "./servers.ts";
import { readTestOutput, type TestOutput } from "./test_output.ts";

const VARIABLE = "STEALTHROCKET_TESTS";
const DNS_PORT = 5453;
const GRACE_SECONDS = 15;

/** The suite. */
export const suite: Suite = {
  title: "Runs the tests of stealthrocket/net, compiled for WASI preview 1, against real servers.",
  runtimes: ["deno", "bun", "node"],
  jobs: 1,
  seconds: 120,
  folder: VARIABLE,
  options: {
    count: { value: "N", help: "how often each test runs (default: 1)", default: "1" },
    host: { value: "PROGRAM", help: "run on this program, which takes the flags of wasi-go's wasirun" },
  },
  open,
};

/** The addresses that the tests of lookups expect. */
const ZONE: ReadonlyMap<string, NameData> = new Map([
  ["example.com", { ipv4: ["10.0.0.1", "10.0.0.2"], ipv6: ["fe80::ec34:70ff:fe53:470e"] }],
]);

/** How the tests are run. */
interface Conditions {
  readonly tests: string;
  readonly dnsServer: string;
  readonly seconds: number;
  readonly count: number;
  readonly foreign: Host | undefined;
}

async function open({ seconds, values }: Settings): Promise<OpenSuite> {
  const tests = findTests(process.env[VARIABLE]);
  const count = parseCount("--count", values["count"] ?? "");
  const foreign = values["host"] === undefined ? undefined : foreignHost(values["host"]);
  const servers = new Servers();
  const dns = await startDnsServer({ host: LOOPBACK, port: DNS_PORT, resolve: (name) => ZONE.get(name) });
  const conditions = { tests, dnsServer: `${LOOPBACK}:${dns.port}`, seconds, count, foreign };
  const cases = PACKAGES.flatMap((of) => MODES.map((mode) => caseOf(of, mode, servers, conditions)));
  return {
    cases,
    ...(foreign === undefined ? {} : { hosts: [foreign] }),
    notes: () => [...expectationNotes(), `The DNS server answered ${dns.asked.length} questions.`],
    close: async () => {
      await servers.stop();
      await dns.close();
    },
  };
}

function caseOf(of: Package, mode: Mode, servers: Servers, conditions: Conditions): TestCase {
  return {
    name: `${of.name} ${mode}`,
    run: async (host) => {
      try {
        const binary = binaryOf(conditions.tests, of, mode);
        if (!existsSync(binary)) throw new Error(`${binary} is missing`);
        if (of.server !== undefined) await servers.need(of.server);
        return await execute(binary, expectedFailures(mode, of.name), host, conditions);
      } catch (error) {
        return { complaints: [error instanceof Error ? error.message : String(error)], output: "" };
      }
    },
  };
}

async function execute(
  binary: string,
  expected: readonly ExpectedFailure[],
  host: Host,
  conditions: Conditions,
): Promise<Execution> {
  const { seconds, count } = conditions;
  return await withScratchFolder(async (scratch) => {
    const flags = ["-test.v", "-test.paniconexit0", `-test.timeout=${seconds}s`, `-test.count=${count}`];
    const command = [...host.command, ...hostFlags(host, scratch, conditions), binary, ...flags];
    const timeoutMs = (seconds + GRACE_SECONDS) * 1000;
    const result = await runProcess(command, { cwd: scratch, timeoutMs, stdin: "null" });
    const output = readTestOutput(result.stdout);
    return {
      complaints: complaintsOf(result, output, expected),
      output: result.output,
      note: noteOf(output, expected),
    };
  });
}

/**
 * On `wasirun` the guest gets an empty folder as its /tmp and nothing else of the file system, so that it looks up
 * names with the /etc/resolv.conf and /etc/hosts that `wasirun` makes. Another program gets the whole file system under
 * its own names, as the library's own tests do.
 */
function hostFlags(host: Host, scratch: string, { dnsServer, foreign }: Conditions): string[] {
  if (host === foreign) return ["--dir=/", `--env=TMPDIR=${scratch}`, `--dns-server=${dnsServer}`];
  return ["--dir", `${scratch}::/tmp`, "--env", "TMPDIR=/tmp", "--allow-net", "--dns-server", dnsServer];
}

/**
 * wasi-go's command opens /dev/stdout and /dev/stderr, which cannot be opened where they are sockets, as they are in the
 * children of Node.
 */
const THROUGH_FILES = `"$@" >stdout 2>stderr; status=$?; cat stdout; cat stderr >&2; exit $status`;

function foreignHost(path: string): Host {
  const executable = resolve(path);
  if (!existsSync(executable)) throw new Error(`--host names ${executable}, which does not exist`);
  const command = ["sh", "-c", THROUGH_FILES, "sh", executable];
  return { name: basename(executable), version: "", executable, script: [], command };
}

function complaintsOf(result: ProcessResult, output: TestOutput, expected: readonly ExpectedFailure[]): string[] {
  const complaints = output.failed.filter((name) => !expected.some(({ test }) => test === name))
    .map((name) => `${name} failed`);
  complaints.push(...output.unfinished.map((name) => `${name} did not end`));
  complaints.push(...expected.flatMap((failure) => expectationComplaints(failure, output)));
  if (output.passed.length + output.failed.length === 0) complaints.push("no test ran");
  const [status, verdict] = output.failed.length === 0 ? [0, "PASS"] : [1, "FAIL"];
  if (result.exitCode !== status) complaints.push(`expected exit status ${status}, got ${describeEnd(result)}`);
  if (output.verdict !== verdict) complaints.push(`expected the verdict ${verdict}, got ${output.verdict ?? "none"}`);
  return complaints;
}

function expectationComplaints({ test, says }: ExpectedFailure, output: TestOutput): string[] {
  if (output.passed.includes(test)) return [`${test} passed; remove it from expectations.ts`];
  if (!output.failed.includes(test)) return [`${test} is expected to fail and did not run`];
  return output.logs.get(test)?.includes(says) ? [] : [`${test} failed otherwise than expected: "${says}" is not said`];
}

function noteOf(output: TestOutput, expected: readonly ExpectedFailure[]): string {
  const counts = [[output.passed.length, "passed"], [output.skipped.length, "skipped"], [expected.length, "expected"]];
  return counts.filter(([count]) => count !== 0).map(([count, word]) => `${count} ${word}`).join(", ");
}

function expectationNotes(): string[] {
  const failures = PACKAGES.flatMap(({ name }) => MODES.flatMap((mode) => expectedFailures(mode, name)));
  return [...Map.groupBy(failures, ({ reason }) => reason)].map(([reason, tests]) =>
    `Expected to fail: ${tests.map(({ test }) => test).join(", ")}: ${reason}.`
  );
}
