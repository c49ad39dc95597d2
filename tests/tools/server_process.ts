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
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const START_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 20_000;
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
  /** Working directory. Default: the one of this process. */
  readonly cwd?: string;
  /** Whom it runs as. Default: as this process. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
  /** What it writes once it serves, or the port on loopback at which it then accepts connections. Default: `ready`. */
  readonly ready?: RegExp | number;
  /** The signal that ends it at once and in order. Default: SIGTERM. */
  readonly endSignal?: NodeJS.Signals;
}

/** The command `wasirun` of this checkout, on a runtime. */
export function wasirunCommand(runtime: string, args: readonly string[]): ServerCommand {
  return { words: [join(ROOT, "bin", "wasirun.js"), ...args], env: { WASIRUN_RUNTIME: runtime } };
}

const running = new Set<ChildProcess>();

process.on("exit", () => running.forEach((child) => child.kill("SIGKILL")));

/** A server that serves. It writes to files, because some programs can't open a socket as `/dev/stdout`. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #command: ServerCommand;
  readonly #name: string;
  readonly #folder: string;
  readonly #ended: Promise<void>;
  #end: string | undefined;

  private constructor(command: ServerCommand) {
    const { words, env, cwd, owner } = command;
    const [program = "", ...args] = words;
    this.#command = command;
    this.#name = words.join(" ");
    this.#folder = mkdtempSync(join(tmpdir(), "wasirun-server-"));
    const [stdout, stderr] = ["stdout", "stderr"].map((name) => openSync(join(this.#folder, name), "w"));
    this.#child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ["ignore", stdout, stderr],
      ...owner,
    });
    running.add(this.#child);
    closeSync(stdout!);
    closeSync(stderr!);
    this.#ended = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(void (this.#end ??= error.message)));
      this.#child.once("close", (code, signal) => resolve(void (this.#end ??= signal ?? `status ${code}`)));
    });
  }

  /**
   * Starts a server and waits until it serves.
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
    while (!await this.#isReady()) {
      this.check();
      if (performance.now() > deadlineMs) {
        throw new Error(`Cannot start ${this.#name}: it is not ready after ${START_TIMEOUT_MS} ms`);
      }
      await Promise.race([this.#ended, sleep(READY_POLL_MS)]);
    }
  }

  async #isReady(): Promise<boolean> {
    const { ready = /ready/ } = this.#command;
    if (typeof ready === "number") return await accepts(ready);
    return ready.test(this.#written("stdout")) || ready.test(this.#written("stderr"));
  }

  #written(name: "stdout" | "stderr"): string {
    return readFileSync(join(this.#folder, name), "utf8").slice(-KEPT_CHARACTERS);
  }

  /** @throws {Error} It has ended, which it should not; the message says how. */
  check(): void {
    if (this.#end === undefined) return;
    throw new Error(`${this.#name} has ended: ${this.#end}\n${this.#written("stderr")}`);
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

  /** Ends it. */
  async stop(): Promise<void> {
    if (this.#end === undefined) {
      this.#child.kill(this.#command.endSignal ?? "SIGTERM");
      const timer = setTimeout(() => this.#child.kill("SIGKILL"), END_TIMEOUT_MS);
      await this.#ended;
      clearTimeout(timer);
    }
    running.delete(this.#child);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(port, "127.0.0.1");
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", () => resolve(false));
  });
}
