/**
 * `idle_host.ts MODULE PORT`: runs a guest that serves on a port, asks it, leaves it alone for a second, asks it again,
 * and prints what that took as JSON.
 *
 * @module
 */

import net from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "wasirun";

const START_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 20_000;

/** What is printed. */
export interface IdleReport {
  /** The longest that an answer took, once the guest had answered at all. */
  readonly answerMs: number;
  /** Time of a processor that the process used in the second without requests. */
  readonly idleCpuMs: number;
  /** The last lines of the answers before and after it. */
  readonly answers: readonly [string, string];
}

/** Send a request, which is a line for those that do not speak HTTP, and read to the end. */
function ask(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: "127.0.0.1" }, () => socket.write("GET / HTTP/1.0\r\n\r\n"));
    let answer = "";
    socket.setTimeout(ANSWER_TIMEOUT_MS, () => socket.destroy(new Error("The guest did not answer in time")));
    socket.on("data", (bytes) => answer += String(bytes)).on("error", reject);
    socket.on("close", () => resolve(answer.trim().split("\r\n").at(-1) ?? ""));
  });
}

/** The answer to the first request, for which the guest is compiled and started. */
async function firstAnswer(port: number): Promise<string> {
  const deadlineMs = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      return await ask(port);
    } catch (error) {
      if (performance.now() > deadlineMs || (error as { code?: unknown }).code !== "ECONNREFUSED") throw error;
      await sleep(20);
    }
  }
}

async function answerMs(port: number): Promise<number> {
  const started = performance.now();
  await ask(port);
  return performance.now() - started;
}

async function measure(port: number): Promise<IdleReport> {
  const before = await firstAnswer(port);
  let longest = 0;
  for (let i = 0; i < 20; i++) longest = Math.max(longest, await answerMs(port));
  const cpuBefore = process.cpuUsage();
  await sleep(1000);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { answerMs: longest, idleCpuMs: (user + system) / 1000, answers: [before, await ask(port)] };
}

const [module = "", port] = process.argv.slice(2);
run(module, { net: { listen: [`127.0.0.1:${port}`] } }).then(
  ({ exitCode }) => fail(`The guest ended with ${exitCode}`),
  (error: unknown) => fail(String(error)),
);
measure(Number(port)).then(
  (report) => {
    console.log(JSON.stringify(report));
    process.exit(0);
  },
  (error: unknown) => fail(String(error)),
);

function fail(message: string): never {
  console.error(message);
  process.exit(1);
}
