/**
 * One child process with a time limit, ended together with all that it started.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";

/** Whom a process runs as. */
export interface Owner {
  /** User. */
  readonly uid: number;
  /** Group. */
  readonly gid: number;
}

/** Options of {@linkcode runProcess}. */
export interface ProcessOptions {
  /** Working directory. Default: the one of this process. */
  readonly cwd?: string;
  /** The whole environment. Default: the one of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** How long it may run. */
  readonly timeoutMs: number;
  /** `"null"`: the null device; `"closed pipe"`: a pipe whose other end is closed at once; or what is in the pipe. */
  readonly stdin: "null" | "closed pipe" | { readonly text: string };
  /** Whom it runs as. Default: as this process. */
  readonly owner?: Owner | undefined;
}

/** What became of a process. */
export interface ProcessResult {
  /** Exit code, or null if a signal ended it. */
  readonly exitCode: number | null;
  /** The signal that ended it. */
  readonly signal: string | null;
  /** True if it was ended because its time was over. */
  readonly timedOut: boolean;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
  /** Both, in the order in which they came. */
  readonly output: string;
  /** How long it ran. */
  readonly milliseconds: number;
}

interface Chunk {
  readonly stream: "stdout" | "stderr";
  readonly bytes: Buffer;
}

const KEPT_BYTES = 8 * 1024 * 1024;
const DRAIN_MS = 5_000;
const running = new Set<ChildProcess>();

/** Collects what a process writes; when there is too much, only the end is kept. */
class Output {
  readonly #chunks: Chunk[] = [];
  #length = 0;

  add(stream: Chunk["stream"], bytes: Buffer): void {
    this.#chunks.push({ stream, bytes });
    this.#length += bytes.length;
    while (this.#length > KEPT_BYTES && this.#chunks.length > 1) {
      this.#length -= this.#chunks.shift()?.bytes.length ?? 0;
    }
  }

  text(stream?: Chunk["stream"]): string {
    const wanted = this.#chunks.filter((chunk) => stream === undefined || chunk.stream === stream);
    return Buffer.concat(wanted.map((chunk) => chunk.bytes)).toString("utf8");
  }
}

/**
 * Run a command to its end.
 *
 * The process leads a group of its own, so that ending it ends what it started as well.
 *
 * @throws {Error} When the command cannot be started.
 */
export function runProcess(command: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  const started = performance.now();
  const [program, ...args] = command;
  if (program === undefined) throw new TypeError("Cannot run a command: it is empty");
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: [options.stdin === "null" ? "ignore" : "pipe", "pipe", "pipe"],
    detached: true,
    ...options.owner,
  });
  running.add(child);
  const output = new Output();
  child.stdout?.on("data", (bytes: Buffer) => output.add("stdout", bytes));
  child.stderr?.on("data", (bytes: Buffer) => output.add("stderr", bytes));
  child.stdin?.on("error", () => {});
  child.stdin?.end(typeof options.stdin === "object" ? options.stdin.text : "");
  let timedOut = false;
  let timer = setTimeout(() => {
    timedOut = true;
    killGroup(child);
  }, options.timeoutMs);
  return new Promise((resolve, reject) => {
    child.on("error", (error) => {
      clearTimeout(timer);
      running.delete(child);
      reject(new Error(`Cannot run ${program}: ${error.message}`, { cause: error }));
    });
    child.on("exit", () => {
      clearTimeout(timer);
      timer = setTimeout(() => killGroup(child), DRAIN_MS);
    });
    child.on("close", (exitCode, signal) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({
        exitCode,
        signal,
        timedOut,
        stdout: output.text("stdout"),
        stderr: output.text("stderr"),
        output: output.text(),
        milliseconds: performance.now() - started,
      });
    });
  });
}

/** How a process ended, in words: `exit status 2`, `killed by SIGSEGV`, `no end after 30 s`. */
export function describeEnd(result: ProcessResult): string {
  if (result.timedOut) return `no end after ${Math.round(result.milliseconds / 1000)} s`;
  return result.signal === null ? `exit status ${result.exitCode}` : `killed by ${result.signal}`;
}

/** End all processes that still run, when this one is told to end. */
export function endProcessesOnSignal(): void {
  for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
    process.once(signal, () => {
      for (const child of running) killGroup(child);
      process.exit(status);
    });
  }
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // The whole group is gone already.
  }
}
