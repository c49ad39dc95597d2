/** Rounds, in which all hosts measure one operation in turn before the next. */

import { busySeconds, TELLS_CPU } from "../network/machine.ts";
import { type Host, NATIVE } from "./hosts.ts";
import { type Answer, type Effort, Program } from "./program.ts";

/** Answers of all rounds, by operation and by name of the host. */
export type Answers = Map<string, Map<string, Answer[]>>;

/** What came of it. */
export interface Measured {
  /** All answers. */
  readonly answers: Answers;
  /** Processors that were busy with something else, whenever the native program ran; empty where that is not told. */
  readonly others: readonly number[];
}

/** The hosts of a run, each with its program; one that ended is started again when it is asked the next time. */
class Programs {
  readonly #running: Map<Host, Program> = new Map();
  readonly #port: number | undefined;
  readonly #effort: Effort;
  #operations: string | undefined;

  constructor(port: number | undefined, effort: Effort) {
    this.#port = port;
    this.#effort = effort;
  }

  async of(host: Host): Promise<Program> {
    const running = this.#running.get(host);
    if (running?.runs) return running;
    const program = await Program.start(host, this.#port, this.#effort);
    this.#running.set(host, program);
    const operations = program.operations.join();
    if (operations === (this.#operations ??= operations)) return program;
    await program.stop();
    throw new Error("the program has other operations there: was it given the connection?");
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].filter(({ runs }) => runs).map((program) => program.stop()));
  }
}

/**
 * Measure all operations on all hosts, in turn, some rounds. A host that can't do one is not asked for it again.
 *
 * @param hosts The first one is the native program.
 * @param port Port of a peer for what needs a socket, or undefined for what needs none.
 * @param tell Told what goes on.
 */
export async function measureRounds(
  hosts: readonly Host[],
  port: number | undefined,
  rounds: number,
  effort: Effort,
  tell: (progress: string) => void,
): Promise<Measured> {
  const programs = new Programs(port, effort);
  const answers: Answers = new Map();
  const others: number[] = [];
  try {
    const { operations } = await programs.of(hosts[0]!);
    for (let round = 1; round <= rounds; round++) {
      for (const [index, operation] of operations.entries()) {
        tell(`round ${round} of ${rounds}: ${operation}`);
        const byHost = answers.get(operation) ?? new Map<string, Answer[]>();
        answers.set(operation, byHost);
        for (const host of hosts) {
          const before = byHost.get(host.name) ?? [];
          if (before.some((answer) => "failure" in answer)) continue;
          byHost.set(host.name, [...before, await ask(programs, host, index, others)]);
        }
      }
    }
  } finally {
    await programs.stop();
  }
  return { answers, others };
}

async function ask(programs: Programs, host: Host, index: number, others: number[]): Promise<Answer> {
  let program: Program;
  try {
    program = await programs.of(host);
  } catch (error) {
    return { failure: (error as Error).message };
  }
  if (host.name !== NATIVE || !TELLS_CPU) return await program.measure(index);
  const startMs = performance.now();
  const idle = busySeconds() - program.cpuSeconds();
  const answer = await program.measure(index);
  if (program.runs) {
    others.push((busySeconds() - program.cpuSeconds() - idle) / (performance.now() - startMs) * 1000);
  }
  return answer;
}
