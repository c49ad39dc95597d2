/**
 * A server that runs beside a measurement or test, and what the system says of its process (Linux).
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_TIMEOUT_MS = 30_000;
const END_TIMEOUT_MS = 5_000;
/** Ticks of /proc in a second, on every Linux that Go and Node run on. */
const TICKS_PER_SECOND = 100;
/** What of its standard error is kept. */
const KEPT_CHARACTERS = 4096;

/** What is started. */
export interface ServerCommand {
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The command `wasirun` of this checkout, on a runtime. */
export function wasirunCommand(runtime: string, args: readonly string[]): ServerCommand {
  return { words: [join(ROOT, "bin", "wasirun.js"), ...args], env: { WASIRUN_RUNTIME: runtime } };
}

/** A server that said `ready`. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #command: string;
  readonly #ended: Promise<void>;
  #stderr = "";
  #end: string | undefined;

  private constructor({ words, env }: ServerCommand) {
    const [program = "", ...args] = words;
    this.#command = words.join(" ");
    this.#child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT_CHARACTERS);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(void (this.#end = error.message)));
      this.#child.once("close", (code, signal) => resolve(void (this.#end = signal ?? `status ${code}`)));
    });
  }

  /**
   * Start a server and wait until it prints `ready`.
   *
   * @throws {Error} It ended, or took too long; the message has its standard error.
   */
  static async start(command: ServerCommand): Promise<ServerProcess> {
    const server = new ServerProcess(command);
    try {
      await server.#ready();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async #ready(): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, START_TIMEOUT_MS));
    let isReady = false;
    const ready = new Promise<void>((resolve) => {
      let output = "";
      this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        if (isReady) return;
        output += text;
        isReady = output.includes("ready");
        if (isReady) resolve();
      });
    });
    await Promise.race([ready, late, this.#ended]);
    clearTimeout(timer);
    if (!isReady) throw new Error(`Cannot start ${this.#command}: ${this.#end ?? "it is not ready"}\n${this.#stderr}`);
  }

  /** @throws {Error} It has ended, which it should not; the message says how. */
  check(): void {
    if (this.#end !== undefined) throw new Error(`${this.#command} has ended: ${this.#end}\n${this.#stderr}`);
  }

  /** Seconds of a processor that it has used so far, the kernel's for it included. */
  cpuSeconds(): number {
    // The name in parentheses may hold anything; behind it come the state and ten numbers before the two times.
    const fields = this.#proc("stat").replace(/^.*\) /s, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  /** Bytes of memory that it occupies. */
  residentBytes(): number {
    return Number(/^VmRSS:\s*(\d+) kB/m.exec(this.#proc("status"))?.[1]) * 1024;
  }

  /** Descriptors that it has open. */
  openDescriptors(): number {
    return readdirSync(`/proc/${this.#child.pid}/fd`).length;
  }

  #proc(name: string): string {
    this.check();
    return readFileSync(`/proc/${this.#child.pid}/${name}`, "utf8");
  }

  /** End it. */
  async stop(): Promise<void> {
    if (this.#end !== undefined) return;
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_TIMEOUT_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
