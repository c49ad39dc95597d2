/** One measurement, and rounds of them. */

import { command } from "../../tools/command.ts";
import { type Case, CASES } from "./cases.ts";
import type { Host } from "./hosts.ts";
import { busySeconds, TELLS_CPU } from "./machine.ts";

/** For how long each host is put under each load in a round. */
const SECONDS = 3;
const ROUNDS = 3;
/** Before the first round, so that engines have compiled what they run. */
const WARM_UP_SECONDS = 2;
/** What the load may take beyond its time, until it is taken for stuck. */
const GRACE_MS = 40_000;

/** What one host achieved in one round. */
export interface Sample {
  /** Units in a second. */
  readonly rate: number;
  /** Microseconds of a processor that the server took for a unit; NaN where the system does not tell. */
  readonly cpuMicros: number;
  /** Latencies in microseconds; 0 where there are none. */
  readonly p50: number;
  readonly p99: number;
  /** Datagrams that did not come back. */
  readonly lost: number;
  /** Processors that were busy with neither the server nor the load; NaN where the system does not tell. */
  readonly others: number;
}

/** What the load program prints. */
interface Report {
  readonly count: number;
  readonly lost: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly cpu: number;
}

/** Samples by case and host. */
export type Samples = ReadonlyMap<Case, ReadonlyMap<string, readonly Sample[]>>;

/**
 * Measure all cases on all hosts, in turn, some rounds.
 *
 * @param load Path of the load program.
 * @param hosts The servers.
 * @param tell Told what goes on.
 */
export async function measureRounds(
  load: string,
  hosts: readonly Host[],
  tell: (progress: string) => void,
): Promise<Samples> {
  const samples = new Map(CASES.map((row) => [row, new Map(hosts.map(({ name }) => [name, [] as Sample[]]))]));
  for (let round = 0; round <= ROUNDS; round++) {
    const seconds = round === 0 ? WARM_UP_SECONDS : SECONDS;
    for (const row of CASES) {
      tell(`${round === 0 ? "warming up" : `round ${round} of ${ROUNDS}`}: ${row.title}`);
      for (const host of hosts) {
        const sample = await measure(load, row, host, seconds);
        if (round > 0) samples.get(row)!.get(host.name)!.push(sample);
      }
    }
  }
  return samples;
}

async function measure(load: string, row: Case, { name, server, ports }: Host, seconds: number): Promise<Sample> {
  const args = ["-addr", `127.0.0.1:${ports[row.port]}`, "-seconds", String(seconds), ...row.args];
  const before = usage();
  const text = await command(load, args, { timeoutMs: seconds * 1000 + GRACE_MS }).catch((error: unknown) => {
    server.check();
    throw new Error(`Cannot measure "${row.title}" on ${name}: ${(error as Error).message}`);
  });
  const report = JSON.parse(text) as Report;
  const { busy, own } = usage(before);
  const units = report.count / row.perUnit;
  return {
    rate: units / report.seconds,
    cpuMicros: own * 1e6 / units,
    p50: report.p50,
    p99: report.p99,
    lost: report.lost,
    others: Math.max(0, busy - own - report.cpu) / report.seconds,
  };

  /** Seconds of processors since then: of the whole machine, and of the server. */
  function usage(since = { busy: 0, own: 0 }): { busy: number; own: number } {
    if (!TELLS_CPU) return { busy: NaN, own: NaN };
    return { busy: busySeconds() - since.busy, own: server.cpuSeconds() - since.own };
  }
}
