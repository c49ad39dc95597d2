/**
 * Running the command on the runtime that the test itself runs on.
 *
 * @module
 */

import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

/** A runtime. */
export type RuntimeName = "deno" | "bun" | "node";

/** Folder of the repository. */
export const ROOT: string = fileURLToPath(new URL("../../", import.meta.url));

/** The command as `bundled_command.ts` has built it, or its source. */
export const CLI: string = process.env["WASIRUN_TEST_COMMAND"] ?? join(ROOT, "src", "cli", "wasirun.ts");

/** The runtime that runs this. */
export const RUNTIME: RuntimeName = process.versions["deno"] !== undefined
  ? "deno"
  : process.versions["bun"] !== undefined
  ? "bun"
  : "node";

/** Name that the runtime tells of itself in `--version`. */
export const RUNTIME_LABEL: string = { deno: "Deno", bun: "Bun", node: "Node" }[RUNTIME];

const DEFAULT_TIMEOUT_MS = 60_000;

/** Variables that the command gets whatever the test says: those that a runtime needs to start. */
const NEEDED_VARIABLES: readonly string[] = ["PATH", "HOME", "TMPDIR", "DENO_DIR"];

/**
 * Holds the first word of a command that a shell starts. Deno's `node:child_process` looks for its own path among the
 * arguments and puts `-A` behind it.
 */
const FIRST_WORD = "FIRST_WORD_OF_COMMAND";

/** What is started. */
interface Words {
  /** Program and arguments. */
  readonly words: readonly string[];
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A shell script in which `"$@"` is a command. */
function inShell(script: string, command: readonly string[]): Words {
  const [first = "", ...rest] = command;
  const prologue = `set -- "$${FIRST_WORD}" "$@"; unset ${FIRST_WORD}`;
  return { words: ["sh", "-c", `${prologue}; ${script}`, "sh", ...rest], env: { [FIRST_WORD]: first } };
}

/** How to run the command. */
export interface WasirunOptions {
  /** Bytes or text to write and then the end; "null" for /dev/null; "pipe" to write later. Default: "null". */
  readonly stdin?: "null" | "pipe" | { readonly text: string } | Uint8Array;
  /** The whole environment, but for what the runtime needs to start. */
  readonly env?: Readonly<Record<string, string>>;
  /** Working directory. Default: the repository. */
  readonly cwd?: string;
  /** The command is killed after this time. */
  readonly timeoutMs?: number;
  /** Flags for `deno run`; not used elsewhere. Default: `-A`. */
  readonly denoFlags?: readonly string[];
}

/** How the command ended. */
export interface WasirunResult {
  /** Exit status, or null after a signal. */
  readonly status: number | null;
  /** Signal that ended it. */
  readonly signal: string | null;
  /** Standard output. */
  readonly stdout: string;
  /** Standard error. */
  readonly stderr: string;
  /** Standard output as bytes. */
  readonly bytes: Uint8Array;
}

/** A command that runs. */
export interface Running {
  /** Its process. */
  readonly pid: number;
  /** Its end; rejects if it took too long. */
  readonly ended: Promise<WasirunResult>;
  /** Write to its standard input ("pipe"). */
  write(text: string): void;
  /** End its standard input ("pipe"). */
  endInput(): void;
  /** Send it a signal. */
  kill(signal: NodeJS.Signals): void;
  /** Standard output so far. */
  output(): string;
  /** Waits until its standard output, or error, holds this. */
  printed(text: string, stream?: "stdout" | "stderr"): Promise<void>;
  /** Let go of its standard output, as a reader that goes away. */
  stopReading(): void;
}

/**
 * The words of a command line that runs a script on this runtime.
 *
 * @param script Path of the script.
 * @param denoFlags Flags for `deno run`.
 */
export function runtimeCommand(script: string, denoFlags: readonly string[] = ["-A"]): string[] {
  if (RUNTIME === "deno") return [process.execPath, "run", ...denoFlags, script];
  // Without -- Node looks for options of its own, such as --env-file, behind the script as well.
  return RUNTIME === "node" ? [process.execPath, "--", script] : [process.execPath, script];
}

/** The environment of a command: what a runtime needs to start, and `env`. */
export function bareEnvironment(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  const result: Record<string, string> = { NO_COLOR: "1" };
  for (const name of NEEDED_VARIABLES) {
    const value = process.env[name];
    if (value !== undefined) result[name] = value;
  }
  return { ...result, ...env };
}

let platformOptions: readonly string[] = [];

/** Let all commands of this test file run guests on the platform of the runtime, where posix is the default. */
export function useRuntimePlatform(): void {
  platformOptions = ["--platform=runtime"];
}

/** The words of `wasirun` with arguments. */
function wasirunCommand(args: readonly string[], { denoFlags }: WasirunOptions): string[] {
  return [...runtimeCommand(CLI, denoFlags), ...platformOptions, ...args];
}

/** Run `wasirun` to its end. */
export async function wasirun(args: readonly string[], options: WasirunOptions = {}): Promise<WasirunResult> {
  return await startWasirun(args, options).ended;
}

/** Start `wasirun`. */
export function startWasirun(args: readonly string[], options: WasirunOptions = {}): Running {
  return startCommand(wasirunCommand(args, options), options);
}

/**
 * Run a shell script to its end. In it, `"$@"` is the command line of `wasirun` with these arguments, for
 * redirections and pipes.
 */
export async function shell(
  script: string,
  args: readonly string[],
  options: WasirunOptions = {},
): Promise<WasirunResult> {
  return await startShell(script, args, options).ended;
}

/** Start a shell script, as {@linkcode shell}. */
function startShell(script: string, args: readonly string[], options: WasirunOptions = {}): Running {
  return startWords(inShell(script, wasirunCommand(args, options)), options);
}

/** Start any command in a process group of its own, which is killed as a whole when its time is over. */
export function startCommand(command: readonly string[], options: WasirunOptions = {}): Running {
  return startWords(RUNTIME === "deno" ? inShell('exec "$@"', command) : { words: command, env: {} }, options);
}

function startWords({ words, env }: Words, options: WasirunOptions): Running {
  const { stdin = "null", timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  const [program = "", ...args] = words;
  const child = spawn(program, args, {
    cwd: options.cwd ?? ROOT,
    env: bareEnvironment({ ...options.env, ...env }),
    stdio: [stdin === "null" ? "ignore" : "pipe", "pipe", "pipe"],
    detached: true,
  }) as ChildProcessByStdio<Writable | null, Readable, Readable>;
  const running = new RunningCommand(child, timeoutMs, words);
  if (stdin instanceof Uint8Array) running.send(stdin);
  else if (typeof stdin === "object") running.send(new TextEncoder().encode(stdin.text));
  return running;
}

class RunningCommand implements Running {
  readonly pid: number;
  readonly ended: Promise<WasirunResult>;
  readonly #child: ChildProcessByStdio<Writable | null, Readable, Readable>;
  readonly #stdout: Uint8Array[] = [];
  readonly #stderr: Uint8Array[] = [];
  readonly #watchers: Set<() => void> = new Set();

  constructor(
    child: ChildProcessByStdio<Writable | null, Readable, Readable>,
    timeoutMs: number,
    command: readonly string[],
  ) {
    this.#child = child;
    this.pid = child.pid ?? -1;
    child.stdin?.on("error", () => {}); // The guest may have ended before it read all.
    for (const [stream, chunks] of [[child.stdout, this.#stdout], [child.stderr, this.#stderr]] as const) {
      stream.on("data", (chunk: Uint8Array) => {
        chunks.push(chunk);
        for (const watch of [...this.#watchers]) watch();
      });
    }
    this.ended = this.#waitForEnd(timeoutMs, command);
    this.ended.catch(() => {}); // Whoever awaits it later is told.
  }

  async #waitForEnd(timeoutMs: number, command: readonly string[]): Promise<WasirunResult> {
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      endGroup(this.pid);
    }, timeoutMs);
    const [status, signal] = await new Promise<[number | null, string | null]>((resolve, reject) => {
      this.#child.on("error", reject);
      this.#child.on("close", (code, name) => resolve([code, name]));
    }).finally(() => clearTimeout(timer));
    const bytes = concat(this.#stdout);
    const stdout = new TextDecoder().decode(bytes);
    const stderr = new TextDecoder().decode(concat(this.#stderr));
    for (const watch of [...this.#watchers]) watch();
    if (timedOut) {
      const tail = `stdout ${JSON.stringify(stdout.slice(-500))}, stderr ${JSON.stringify(stderr.slice(-500))}`;
      throw new Error(`${command.join(" ")} did not end within ${timeoutMs} ms: ${tail}`);
    }
    return { status, signal, stdout, stderr, bytes };
  }

  send(bytes: Uint8Array): void {
    this.#child.stdin?.end(bytes);
  }

  write(text: string): void {
    this.#child.stdin?.write(text);
  }

  endInput(): void {
    this.#child.stdin?.end();
  }

  kill(signal: NodeJS.Signals): void {
    process.kill(this.pid, signal);
  }

  output(): string {
    return new TextDecoder().decode(concat(this.#stdout));
  }

  async printed(text: string, stream: "stdout" | "stderr" = "stdout"): Promise<void> {
    const chunks = stream === "stdout" ? this.#stdout : this.#stderr;
    const isThere = (): boolean => new TextDecoder().decode(concat(chunks)).includes(text);
    if (isThere()) return;
    const seen = new Promise<void>((resolve) => {
      const watch = (): void => {
        if (!isThere()) return;
        this.#watchers.delete(watch);
        resolve();
      };
      this.#watchers.add(watch);
    });
    const { stderr } = await Promise.race([seen.then(() => ({ stderr: "" })), this.ended]);
    if (!isThere()) {
      throw new Error(`The command ended without printing ${JSON.stringify(text)}: ${this.output()}${stderr}`);
    }
  }

  stopReading(): void {
    this.#child.stdout.destroy();
  }
}

function endGroup(pid: number): void {
  if (pid <= 0) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
