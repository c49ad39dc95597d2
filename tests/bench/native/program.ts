/** The program on a host, told what to measure by its standard input. */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import type { Host } from "./hosts.ts";
import { makeWorkFolder } from "./work_folder.ts";

/** Number of the error when a host moved fewer bytes, or told of fewer things, than there were. */
const WRONG_RESULT = "9999";
const POLL_MS = 5;
const START_MS = 30_000;
const END_MS = 3_000;
/** Ticks of /proc in a second, on every Linux that the runtimes run on. */
const TICKS_PER_SECOND = 100;

/** How long the program loops. */
export interface Effort {
  /** Milliseconds of a loop. */
  readonly loopMs: number;
  /** Loops, of which the best counts: what is slower was disturbed. */
  readonly repeats: number;
}

/** What a host answered. */
export type Answer = { readonly ns: number } | { readonly failure: string };

/** A program that has been started. Its standard input is a pipe, and its output a file: they suit every host. */
export class Program {
  /** Names of the operations that it measures. */
  operations: readonly string[] = [];
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #input: number;
  readonly #effort: Effort;
  #end: string | undefined;
  #taken = 0;

  private constructor(host: Host, port: number | undefined, effort: Effort) {
    this.#effort = effort;
    const folder = this.#folder = makeWorkFolder();
    const args = [String(effort.loopMs), String(effort.repeats)];
    const { words, env } = host.commandOf({ work: folder, devices: "/dev", port, args });
    const [program = "", ...rest] = words;
    const pipe = join(folder, "input");
    execFileSync("mkfifo", [pipe]);
    this.#input = openSync(pipe, "r+");
    const [stdout, stderr] = ["stdout", "stderr"].map((name) => openSync(join(folder, name), "a")) as [number, number];
    this.#child = spawn(program, rest, { env: { ...process.env, ...env }, stdio: [this.#input, stdout, stderr] });
    closeSync(stdout);
    closeSync(stderr);
    this.#child.once("error", (error) => this.#end ??= error.message);
    this.#child.once("exit", (code, signal) => this.#end ??= signal ?? `status ${code}`);
  }

  /**
   * Start it on a host.
   *
   * @param port Port of a peer, or undefined to measure what needs none.
   * @throws {Error} It can't be run; the message has what it printed.
   */
  static async start(host: Host, port: number | undefined, effort: Effort): Promise<Program> {
    const program = new Program(host, port, effort);
    try {
      program.operations = (await program.#next("\n\n", START_MS)).trim().split("\n");
      return program;
    } catch (error) {
      await program.stop();
      throw new Error(`Cannot run the program on ${host.name}: ${(error as Error).message}`);
    }
  }

  /** True if it can be asked. */
  get runs(): boolean {
    return this.#end === undefined;
  }

  /** Measure an operation. The program is ended if it does not answer. */
  async measure(index: number): Promise<Answer> {
    const { loopMs, repeats } = this.#effort;
    try {
      writeSync(this.#input, `${index}\n.\n`);
      const [word = "", value = ""] = (await this.#next("\n", START_MS + 4 * loopMs * repeats)).trim().split(" ");
      return word === "ok"
        ? { ns: Number(value) }
        : { failure: value === WRONG_RESULT ? "it did less than it was asked for" : `${word} ${value}` };
    } catch (error) {
      await this.stop();
      return { failure: (error as Error).message };
    }
  }

  /** Seconds of a processor that it has used so far, the kernel's for it included (Linux). */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** End it. */
  async stop(): Promise<void> {
    if (this.runs) writeSync(this.#input, "-1\n.\n");
    await this.#waitForEnd(END_MS);
    if (this.runs) this.#child.kill("SIGKILL");
    await this.#waitForEnd(END_MS);
    closeSync(this.#input);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #waitForEnd(ms: number): Promise<void> {
    const deadlineMs = performance.now() + ms;
    while (this.runs && performance.now() < deadlineMs) await sleep(POLL_MS);
  }

  /** What it has printed since the last time, once that ends so. */
  async #next(end: string, timeoutMs: number): Promise<string> {
    const deadlineMs = performance.now() + timeoutMs;
    for (;;) {
      const ended = this.#end;
      const text = readFileSync(join(this.#folder, "stdout"), "utf8").slice(this.#taken);
      if (text.endsWith(end)) {
        this.#taken += text.length;
        return text;
      }
      if (ended !== undefined) throw new Error(`${ended} ${text}${readFileSync(join(this.#folder, "stderr"), "utf8")}`);
      if (performance.now() > deadlineMs) throw new Error(`no answer in ${timeoutMs / 1000} s`);
      await sleep(POLL_MS);
    }
  }
}
