/** The test of one runtime. */

import { setTimeout as sleep } from "node:timers/promises";
import { freePorts } from "../tools/free_port.ts";
import { ServerProcess, wasirunCommand } from "../tools/server_process.ts";
import { Checks } from "./checks.ts";
import { Client, type Outcome } from "./client.ts";

const REQUESTS = 10_000;
const BUSY_CONNECTIONS = 100;
const IDLE_CONNECTIONS = 1_000;
const IDLE_MS = 30_000;
/** Files that the guest may have open: those connections, and some more. */
const OPEN_FILES = 1_200;
/** Open descriptors and memory may be so much more than before. */
const TOLERANCE = 1.1;
/** For how long the server is left alone before its memory counts, and how long it may take to give it back. */
const QUIET_MS = 5_000;
const SETTLE_MS = 60_000;
const SETTLE_POLL_MS = 1_000;

/** What the system says of the server. */
interface Footprint {
  readonly descriptors: number;
  readonly bytes: number;
}

/**
 * Serve numbers from a guest on a runtime, under load and idle.
 *
 * The same is done twice: once so that the engine has compiled what runs, and the heaps have the size that this takes,
 * and then again, to compare the server before with the server after it.
 *
 * @param runtime `deno`, `bun` or `node`.
 * @param guest Path of the server's module.
 * @returns How many checks failed.
 */
export async function soak(runtime: string, guest: string): Promise<number> {
  const checks = new Checks(runtime.padEnd(4));
  const [port] = await freePorts(1) as [number];
  const options = ["--listen", `127.0.0.1:${port}`, "--max-open-files", String(OPEN_FILES)];
  const server = await ServerProcess.start(wasirunCommand(runtime, [...options, guest]));
  try {
    const atStart = footprintOf(server);
    checks.note(`at the start: ${describe(atStart)}`);
    const first = new Checks(`${runtime.padEnd(4)} (first time)`);
    await load(first, server, port, 0, QUIET_MS);
    await sleep(QUIET_MS);
    const before = await settled(server, atStart.descriptors, () => true);
    checks.note(`warm: ${describe(before)}`);
    await load(checks, server, port, REQUESTS * 10, IDLE_MS);
    await sleep(QUIET_MS);
    const after = await settled(server, before.descriptors, (now) => now.bytes <= before.bytes * TOLERANCE);
    checks.check(
      after.descriptors <= before.descriptors * TOLERANCE,
      `${after.descriptors} descriptors are open after it, ${before.descriptors} before`,
    );
    const growth = (after.bytes / before.bytes - 1) * 100;
    checks.check(
      after.bytes <= before.bytes * TOLERANCE,
      `${megabytes(after.bytes)} after it, ${megabytes(before.bytes)} before (${growth.toFixed(1)} % more)`,
    );
    return first.failed + checks.failed;
  } finally {
    await server.stop();
  }
}

async function load(checks: Checks, server: ServerProcess, port: number, first: number, idleMs: number): Promise<void> {
  await serveBusy(checks, port, first);
  await serveIdle(checks, server, port, first + REQUESTS, idleMs);
}

async function serveBusy(checks: Checks, port: number, first: number): Promise<void> {
  const client = new Client(port, BUSY_CONNECTIONS);
  try {
    const startMs = performance.now();
    const outcome = await client.ask(first, REQUESTS);
    const seconds = (performance.now() - startMs) / 1000;
    const what = `${REQUESTS} requests on ${BUSY_CONNECTIONS} connections in ${seconds.toFixed(1)} s`;
    checkOutcome(checks, what, outcome, REQUESTS);
    await checkSeen(checks, client, REQUESTS);
  } finally {
    client.close();
  }
}

async function serveIdle(
  checks: Checks,
  server: ServerProcess,
  port: number,
  first: number,
  idleMs: number,
): Promise<void> {
  const client = new Client(port, IDLE_CONNECTIONS);
  try {
    checkOutcome(
      checks,
      `${IDLE_CONNECTIONS} connections opened`,
      await client.ask(first, IDLE_CONNECTIONS),
      IDLE_CONNECTIONS,
    );
    const cpuBefore = server.cpuSeconds();
    await sleep(idleMs);
    const cpu = (server.cpuSeconds() - cpuBefore) / idleMs * 1000 * 100;
    checks.note(
      `with them idle for ${idleMs / 1000} s: ${describe(footprintOf(server))}, ${cpu.toFixed(1)} % of a processor`,
    );
    const outcome = await client.ask(first + IDLE_CONNECTIONS, IDLE_CONNECTIONS);
    checkOutcome(checks, "one more request on each", outcome, IDLE_CONNECTIONS);
    checks.check(outcome.reused === IDLE_CONNECTIONS, `${outcome.reused} connections were still open`);
    await checkSeen(checks, client, 2 * IDLE_CONNECTIONS);
  } finally {
    client.close();
  }
}

function checkOutcome(checks: Checks, what: string, outcome: Outcome, count: number): void {
  const { right, lost, duplicated, firstError } = outcome;
  const error = firstError === "" ? "" : `; the first: ${firstError}`;
  checks.check(right === count, `${what}: ${right} answers, ${lost} lost, ${duplicated} duplicated${error}`);
}

async function checkSeen(checks: Checks, client: Client, count: number): Promise<void> {
  const [total, numbers] = await client.reset();
  checks.check(total === count && numbers === count, `the server saw ${total} requests with ${numbers} numbers`);
}

/** What the server occupies once it has closed what is closed, and `isFine` holds or the time is over. */
async function settled(
  server: ServerProcess,
  descriptors: number,
  isFine: (now: Footprint) => boolean,
): Promise<Footprint> {
  const deadlineMs = performance.now() + SETTLE_MS;
  for (;;) {
    const now = footprintOf(server);
    const isSettled = now.descriptors <= descriptors && isFine(now);
    if (isSettled || performance.now() > deadlineMs) return now;
    await sleep(SETTLE_POLL_MS);
  }
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
