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
  /** When its standard output is shown. Default: as it is written. */
  readonly show?: "as written" | "at the end";
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
    if (options.show !== "at the end") process.stdout.write(chunk);
  });
  try {
    const status = await new Promise<string>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => resolve(signal === null ? `status ${code}` : `signal ${signal}`));
    });
    const output = Buffer.concat(chunks).toString();
    if (options.show === "at the end") process.stdout.write(output);
    return { status: timedOut ? "a timeout" : status, output };
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
