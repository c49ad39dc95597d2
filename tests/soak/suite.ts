/**
 * `npm run soak`: a Go server as a guest under load and with many idle connections, and 10,000 runs of a component (Linux).
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Execution, Suite } from "../suites/suite.ts";
import { freePorts } from "../tools/free_port.ts";
import { goProgram } from "../tools/go_program.ts";
import { ServerProcess, wasirunCommand } from "../tools/server_process.ts";
import { Client, type Outcome } from "./client.ts";
import { soakComponent } from "./component_runs.ts";

const REQUESTS = 10_000;
const BUSY_CONNECTIONS = 100;
const IDLE_CONNECTIONS = 1_000;
const IDLE_MS = 30_000;
/** Files that the guest may have open: those connections, and some more. */
const OPEN_FILES = 1_200;
/** Open descriptors and memory may be so much more than before. */
const TOLERANCE = 1.1;
/** Descriptors that a runtime may open when it first needs them, and keep. */
const OPENED_ONCE = 4;
/** Times that all is done before it counts, and for how long the connections are idle then. */
const WARM_UPS = 6;
const WARM_UP_IDLE_MS = 1_000;
/** For how long the server is left alone before its memory counts. */
const QUIET_MS = 20_000;
/** An engine that is left alone collects no garbage: it may be given so many times something to do. */
const COLLECTIONS = 5;
const COLLECTION_QUIET_MS = 10_000;

/** What the system says of the server. */
interface Footprint {
  readonly descriptors: number;
  readonly bytes: number;
}

/** The suite. */
export const suite: Suite = {
  title: "Serves requests from a Go guest, runs a component 10,000 times, and looks for leaks (Linux).",
  runtimes: ["deno", "bun", "node"],
  jobs: 1,
  seconds: 1800,
  options: {},
  open: ({ seconds }) => {
    if (!existsSync("/proc/self/fd")) {
      throw new Error("Cannot run this test here: it looks at processes in /proc, as Linux has it");
    }
    const guest = goProgram(join(import.meta.dirname, "server"), "wasip1");
    return Promise.resolve({
      cases: [
        { name: "runs of a component", run: (host) => soakComponent(host, seconds) },
        { name: "a server", run: async ({ name }) => await soak(name, await guest) },
      ],
    });
  },
};

/** Collects what was found, and shows it at once: a run takes minutes. */
class Findings {
  readonly #label: string;
  readonly lines: string[] = [];
  readonly complaints: string[] = [];

  constructor(label: string) {
    this.#label = label;
  }

  check(holds: boolean, found: string): void {
    if (!holds) this.complaints.push(found);
    this.note(`${holds ? "ok" : "FAILED"}: ${found}`);
  }

  note(text: string): void {
    this.lines.push(text);
    console.log(`${this.#label} ${text}`);
  }
}

/**
 * The same is done some times before it counts, so that the engine has compiled what runs, and the heaps have the size
 * that this takes; then once more, to compare the server before with the server after it.
 */
async function soak(runtime: string, guest: string): Promise<Execution> {
  const findings = new Findings(runtime.padEnd(4));
  const [port] = await freePorts(1) as [number];
  const options = ["--listen", `127.0.0.1:${port}`, "--max-open-files", String(OPEN_FILES)];
  const server = await ServerProcess.start(wasirunCommand(runtime, [...options, guest]));
  try {
    const atStart = footprintOf(server);
    findings.note(`at the start: ${describe(atStart)}`);
    for (let i = 0; i < WARM_UPS; i++) await load(findings, server, port, WARM_UP_IDLE_MS);
    await sleep(QUIET_MS);
    const before = footprintOf(server);
    findings.note(`quiet: ${describe(before)}`);
    findings.check(
      before.descriptors <= atStart.descriptors + OPENED_ONCE,
      `${before.descriptors} descriptors are open after the warm-up, ${atStart.descriptors} at the start`,
    );
    await load(findings, server, port, IDLE_MS);
    await sleep(QUIET_MS);
    const after = await settled(findings, server, port, before);
    compare(findings, before, after);
  } finally {
    await server.stop();
  }
  return { complaints: findings.complaints, output: findings.lines.join("\n") };
}

function compare(findings: Findings, before: Footprint, after: Footprint): void {
  findings.check(
    isBack(after.descriptors, before.descriptors),
    `${after.descriptors} descriptors are open after it, ${before.descriptors} before`,
  );
  const growth = (after.bytes / before.bytes - 1) * 100;
  findings.check(
    isBack(after.bytes, before.bytes),
    `${megabytes(after.bytes)} after it, ${megabytes(before.bytes)} before (${growth.toFixed(1)} % more)`,
  );
}

async function load(findings: Findings, server: ServerProcess, port: number, idleMs: number): Promise<void> {
  await serveBusy(findings, port);
  await serveIdle(findings, server, port, idleMs);
}

async function serveBusy(findings: Findings, port: number): Promise<void> {
  const client = new Client(port, BUSY_CONNECTIONS);
  try {
    const startMs = performance.now();
    const outcome = await client.ask(0, REQUESTS);
    const seconds = (performance.now() - startMs) / 1000;
    const what = `${REQUESTS} requests on ${BUSY_CONNECTIONS} connections in ${seconds.toFixed(1)} s`;
    checkOutcome(findings, what, outcome, REQUESTS);
    await checkSeen(findings, client, REQUESTS);
  } finally {
    client.close();
  }
}

async function serveIdle(
  findings: Findings,
  server: ServerProcess,
  port: number,
  idleMs: number,
): Promise<void> {
  const client = new Client(port, IDLE_CONNECTIONS);
  try {
    checkOutcome(
      findings,
      `${IDLE_CONNECTIONS} connections opened`,
      await client.ask(0, IDLE_CONNECTIONS),
      IDLE_CONNECTIONS,
    );
    const cpuBefore = server.cpuSeconds();
    await sleep(idleMs);
    const cpu = (server.cpuSeconds() - cpuBefore) / idleMs * 1000 * 100;
    findings.note(
      `with them idle for ${idleMs / 1000} s: ${describe(footprintOf(server))}, ${cpu.toFixed(1)} % of a processor`,
    );
    const outcome = await client.ask(IDLE_CONNECTIONS, IDLE_CONNECTIONS);
    checkOutcome(findings, "one more request on each", outcome, IDLE_CONNECTIONS);
    findings.check(outcome.reused === IDLE_CONNECTIONS, `${outcome.reused} connections were still open`);
    await checkSeen(findings, client, 2 * IDLE_CONNECTIONS);
  } finally {
    client.close();
  }
}

function checkOutcome(findings: Findings, what: string, outcome: Outcome, count: number): void {
  const { right, lost, duplicated, firstError } = outcome;
  const error = firstError === "" ? "" : `; the first: ${firstError}`;
  findings.check(right === count, `${what}: ${right} answers, ${lost} lost, ${duplicated} duplicated${error}`);
}

async function checkSeen(findings: Findings, client: Client, count: number): Promise<void> {
  const [total, numbers] = await client.reset();
  findings.check(total === count && numbers === count, `the server saw ${total} requests with ${numbers} numbers`);
}

/** What the server occupies once it is back where it was, or has had its chances. */
async function settled(findings: Findings, server: ServerProcess, port: number, before: Footprint): Promise<Footprint> {
  for (let left = COLLECTIONS;; left--) {
    const now = footprintOf(server);
    if (left === 0 || (isBack(now.descriptors, before.descriptors) && isBack(now.bytes, before.bytes))) return now;
    findings.note(`not yet back: ${describe(now)}`);
    await serveBusy(findings, port);
    await sleep(COLLECTION_QUIET_MS);
  }
}

function isBack(now: number, before: number): boolean {
  return now <= before * TOLERANCE;
}

function footprintOf(server: ServerProcess): Footprint {
  return { descriptors: server.openDescriptors(), bytes: server.residentBytes() };
}

function describe({ descriptors, bytes }: Footprint): string {
  return `${descriptors} descriptors, ${megabytes(bytes)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
