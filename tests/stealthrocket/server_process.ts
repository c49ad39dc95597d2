/**
 * A server as a child process: started in a folder of its own, waited for until it serves, and ended.
 *
 * @module
 */

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chownSync } from "node:fs";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** Whom a server runs as. Nobody in particular (undefined) means: as this process. */
export interface Owner {
  /** User. */
  readonly uid: number;
  /** Group. */
  readonly gid: number;
}

/** How to start a server. */
export interface ServerCommand {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** What it writes once it serves. Without it, it serves as soon as it accepts connections. */
  readonly ready?: RegExp;
  /** The signal that ends it at once and in order. Default: SIGTERM. */
  readonly endSignal?: NodeJS.Signals;
}

/** Where servers listen. */
export const LOOPBACK = "127.0.0.1";

const START_TIMEOUT_MS = 60_000;
const END_TIMEOUT_MS = 20_000;
const POLL_MS = 50;
const TAIL_CHARACTERS = 2_000;
const running = new Set<number>();

process.on("exit", () => running.forEach(killGroup));

/** An account without rights, if this process is root: the servers of databases refuse to run as root. */
export function unprivilegedOwner(): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const [uid, gid] = ["-u", "-g"].map((flag) => {
    const { status, stdout } = spawnSync("id", [flag, "nobody"], { encoding: "utf8" });
    return status === 0 ? Number.parseInt(stdout) : NaN;
  });
  if (uid === undefined || gid === undefined || Number.isNaN(uid + gid)) {
    throw new Error("Cannot start a server: databases refuse to run as root, and there is no user named nobody");
  }
  return { uid, gid };
}

/** Give a folder to an owner. */
export function handOver(folder: string, owner: Owner | undefined): void {
  if (owner !== undefined) chownSync(folder, owner.uid, owner.gid);
}

/** @throws {Error} When something listens on the port already. */
export async function requireFreePort(port: number): Promise<void> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => {
      const what = `${LOOPBACK}:${port} is taken (${error.message})`;
      reject(new Error(`${what}: the tests want a server of their own there`, { cause: error }));
    });
    server.listen(port, LOOPBACK, resolve);
  });
  await new Promise((resolve) => server.close(resolve));
}

/**
 * Run a command to its end.
 *
 * @param input What it reads.
 * @throws {Error} It failed; with the end of what it wrote.
 */
export async function runToEnd(
  command: readonly string[],
  folder: string,
  owner: Owner | undefined,
  input = "",
): Promise<void> {
  const child = new OwnedProcess(command, folder, owner);
  child.write(input);
  const status = await child.end(START_TIMEOUT_MS);
  if (status !== 0) throw new Error(`${command[0]} ended with status ${status}: ${child.tail()}`);
}

/**
 * Run a server while `task` runs.
 *
 * @param port Where it will listen.
 * @throws {Error} It did not start; with the end of what it wrote.
 */
export async function whileServing<Result>(
  server: ServerCommand,
  port: number,
  folder: string,
  owner: Owner | undefined,
  task: () => Promise<Result>,
): Promise<Result> {
  const child = new OwnedProcess(server.command, folder, owner);
  child.write("");
  try {
    await untilReady(child, server.ready, port);
    return await task();
  } finally {
    child.signal(server.endSignal ?? "SIGTERM");
    await child.end(END_TIMEOUT_MS);
  }
}

async function untilReady(child: OwnedProcess, ready: RegExp | undefined, port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    if (child.ended) throw new Error(`${child.program} ended instead of serving: ${child.tail()}`);
    if (ready === undefined ? await accepts(port) : ready.test(child.output)) return;
    await sleep(POLL_MS);
  }
  throw new Error(`${child.program} did not serve within ${START_TIMEOUT_MS / 1000} s: ${child.tail()}`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(port, LOOPBACK);
    connection.once("connect", () => {
      connection.destroy();
      resolve(true);
    });
    connection.once("error", () => resolve(false));
  });
}

/** A process in a group of its own, which ends with this process at the latest. */
class OwnedProcess {
  readonly program: string;
  output = "";
  ended = false;
  readonly #child: ChildProcess;
  readonly #status: Promise<number | string>;

  constructor(command: readonly string[], folder: string, owner: Owner | undefined) {
    const [program = "", ...args] = command;
    this.program = program;
    this.#child = spawn(program, args, {
      cwd: folder,
      env: { PATH: process.env["PATH"], HOME: folder, TMPDIR: folder, LC_ALL: "C" },
      stdio: ["pipe", "pipe", "pipe"],
      detached: true,
      ...owner,
    });
    const { pid, stdin, stdout, stderr } = this.#child;
    if (pid !== undefined) running.add(pid);
    stdin?.on("error", () => {}); // It may end before it has read all.
    for (const stream of [stdout, stderr]) stream?.setEncoding("utf8").on("data", (text) => this.output += text);
    this.#status = new Promise((resolve) => {
      this.#child.once("error", (error) => this.#settle(resolve, error.message));
      this.#child.once("exit", (code, signal) => this.#settle(resolve, code ?? signal ?? "unknown"));
    });
  }

  write(input: string): void {
    this.#child.stdin?.end(input);
  }

  signal(name: NodeJS.Signals): void {
    if (!this.ended) this.#child.kill(name);
  }

  /** Wait for its end; when that takes too long, end it. */
  async end(timeoutMs: number): Promise<number | string> {
    const timer = setTimeout(() => killGroup(this.#child.pid ?? 0), timeoutMs);
    return await this.#status.finally(() => clearTimeout(timer));
  }

  tail(): string {
    return this.output.trim().slice(-TAIL_CHARACTERS);
  }

  #settle(resolve: (status: number | string) => void, status: number | string): void {
    this.ended = true;
    const { pid } = this.#child;
    if (pid !== undefined) {
      killGroup(pid); // What it started must not outlive it.
      running.delete(pid);
    }
    resolve(status);
  }
}

function killGroup(pid: number): void {
  if (pid <= 0) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The whole group is gone already.
  }
}
