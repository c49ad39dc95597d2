/** Go guests that wait for signals have their network and their timers, and the processor its rest. */

import { join } from "node:path";
import { expect, test } from "vitest";
import { freePorts } from "../tools/free_port.ts";
import { goGuest } from "../tools/guests.ts";
import { runtimeCommand, startCommand } from "../tools/wasirun.ts";
import type { IdleReport } from "./idle_host.ts";

const HOST = join(import.meta.dirname, "idle_host.ts");

async function reportOf(guest: string): Promise<IdleReport> {
  const [port] = await freePorts(1);
  const { stdout, stderr, status } = await startCommand([...runtimeCommand(HOST), guest, String(port)]).ended;
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return JSON.parse(stdout) as IdleReport;
}

/** A guest that does not answer until it is idle never answers. */
const ANSWER_MS = 20_000;
const THIRD_OF_A_CORE_MS = 300;

test("an HTTP server answers, ticks and is idle", async () => {
  const { answerMs, idleCpuMs, answers } = await reportOf(await goGuest("signalserver"));
  expect(answerMs).toBeLessThan(ANSWER_MS);
  expect(idleCpuMs).toBeLessThan(THIRD_OF_A_CORE_MS);
  const [before, after] = answers.map(Number) as [number, number];
  expect(after - before).toBeGreaterThan(15);
  expect(after - before).toBeLessThan(5000);
});

test("a server without time.Sleep answers and is idle", async () => {
  const { answerMs, idleCpuMs, answers } = await reportOf(await goGuest("signalecho"));
  expect(answerMs).toBeLessThan(ANSWER_MS);
  expect(idleCpuMs).toBeLessThan(THIRD_OF_A_CORE_MS);
  expect(answers).toEqual(["GET / HTTP/1.0", "GET / HTTP/1.0"]);
});
