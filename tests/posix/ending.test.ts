/** A process ends at once although a thread of it waits for descriptors. */

import { spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { describe, expect, test } from "vitest";

/** A thread that is in poll(2) looks up once in a second: to wait for that would be seen. */
const SOON_MS = 500;
/** How often a process is started at the most: one on a busy machine may take its time. */
const ATTEMPTS = 10;
const TIMEOUT_MS = 60_000;

/** Bun 1.4.5 ends its threads before it tells that it ends, if a promise was rejected that nobody handles. */
function isLate(how: string): boolean {
  return how === "reject" && process.versions["bun"] !== undefined;
}

const HOST = join(import.meta.dirname, "ending_host.ts");
const COMMAND = process.versions["deno"] === undefined ? [] : ["run", "-A"];

interface Ended {
  readonly status: number | null;
  /** From when it began to end (ms). */
  readonly took: number;
}

function run(how: string, ms: number): Promise<Ended> {
  const child = spawn(process.execPath, [...COMMAND, HOST, how, String(ms)], { stdio: ["ignore", "pipe", "ignore"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), TIMEOUT_MS);
  let text = "";
  child.stdout.on("data", (bytes) => text += String(bytes));
  return new Promise((resolve) => {
    child.on("close", (status) => {
      clearTimeout(timer);
      resolve({ status, took: Date.now() - Number(text.trim()) });
    });
  });
}

describe.each([["whose other thread just starts", 0], ["whose other thread waits", 200]])(
  "a process %s",
  (_name, ms) => {
    test.each([["exit", 3], ["throw", 1], ["reject", 1], ["wake", 0], ["timeout", 0]])(
      "ends by %s",
      async (how, status) => {
        const boundMs = isLate(how) ? SOON_MS + 1000 : SOON_MS;
        let shortest = Infinity;
        for (let i = 0; i < ATTEMPTS && shortest >= boundMs; i++) {
          const ended = await run(how, ms);
          expect(ended.status).toBe(status);
          shortest = Math.min(shortest, ended.took);
        }
        expect(shortest).toBeLessThan(boundMs);
      },
    );
  },
);
