/**
 * Running the tools that build guests.
 *
 * @module
 */

import { execFile } from "node:child_process";
import process from "node:process";

/** Where and with what a tool runs. */
export interface CommandOptions {
  /** Working directory. */
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The command is ended after this time. Default: five minutes. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 300_000;

/**
 * Run a command to its end.
 *
 * @returns What it wrote to its standard output.
 * @throws {Error} It could not be started, failed, or took too long; the message has what it wrote to its standard error.
 */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const env = { ...process.env, ...options.env };
  const timeout = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd: options.cwd, env, timeout, maxBuffer: 1 << 24 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`Cannot run ${[program, ...args].join(" ")}: ${stderr.trim() || error.message}`));
    });
  });
}
