/**
 * Running a command whose children end with it.
 *
 * @module
 */

import { spawn } from "node:child_process";

/** How to run a command. */
export interface GroupOptions {
  /** Working directory. */
  readonly cwd: string;
  /** After this time the command and its children are killed. */
  readonly timeoutMs: number;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a command ended. */
export interface GroupResult {
  /** `status N`, `signal NAME`, or `a timeout`. */
  readonly status: string;
  /** What it wrote to its standard output. */
  readonly output: string;
}

/** Run a command to its end, showing what it writes. Its standard input is empty. */
export async function runGroup(command: readonly string[], options: GroupOptions): Promise<GroupResult> {
  const [program = "", ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "inherit"],
    detached: true,
  });
  const killGroup = (): void => endGroup(child.pid);
  const onSignal = (signal: NodeJS.Signals): void => {
    killGroup();
    process.kill(process.pid, signal);
  };
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    killGroup();
  }, options.timeoutMs);
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    process.stdout.write(chunk);
  });
  try {
    const status = await new Promise<string>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(signal === null ? `status ${code}` : `signal ${signal}`));
    });
    return { status: timedOut ? "a timeout" : status, output: Buffer.concat(chunks).toString() };
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
