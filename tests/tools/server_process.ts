/**
 * A server that runs beside a measurement or test, and what the system says of its process (Linux).
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_TIMEOUT_MS = 30_000;
const END_TIMEOUT_MS = 5_000;
/** Ticks of /proc in a second, on every Linux that Go and Node run on. */
const TICKS_PER_SECOND = 100;
const READY_POLL_MS = 20;
/** What is told of its standard error. */
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

/** A server that said `ready`. It writes to files, because some programs can't open a socket as `/dev/stdout`. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #command: string;
  readonly #folder: string;
  readonly #ended: Promise<void>;
  #end: string | undefined;

  private constructor({ words, env }: ServerCommand) {
    const [program = "", ...args] = words;
    this.#command = words.join(" ");
    this.#folder = mkdtempSync(join(tmpdir(), "wasirun-server-"));
    const [stdout, stderr] = ["stdout", "stderr"].map((name) => openSync(join(this.#folder, name), "w"));
    this.#child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", stdout, stderr] });
    closeSync(stdout!);
    closeSync(stderr!);
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(void (this.#end ??= error.message)));
      this.#child.once("close", (code, signal) => resolve(void (this.#end ??= signal ?? `status ${code}`)));
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
    const deadlineMs = performance.now() + START_TIMEOUT_MS;
    while (!this.#written("stdout").includes("ready")) {
      this.check();
      if (performance.now() > deadlineMs) {
        throw new Error(`Cannot start ${this.#command}: it is not ready after ${START_TIMEOUT_MS} ms`);
      }
      await Promise.race([this.#ended, sleep(READY_POLL_MS)]);
    }
  }

  #written(name: "stdout" | "stderr"): string {
    return readFileSync(join(this.#folder, name), "utf8").slice(-KEPT_CHARACTERS);
  }

  /** @throws {Error} It has ended, which it should not; the message says how. */
  check(): void {
    if (this.#end === undefined) return;
    throw new Error(`${this.#command} has ended: ${this.#end}\n${this.#written("stderr")}`);
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
    if (this.#end === undefined) {
      this.#child.kill("SIGTERM");
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_TIMEOUT_MS);
      await this.#ended;
      clearTimeout(timer);
    }
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
