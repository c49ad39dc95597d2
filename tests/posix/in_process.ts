/** Scripts in processes of their own: with limits that would hold for all tests here, or nothing but what is looked at. */

import { execFile } from "node:child_process";
import { join } from "node:path";
import process from "node:process";

/** What holds for the process. */
export interface Limits {
  /** Arguments of the shell's `ulimit`, such as `-n 100`. */
  readonly ulimit?: string;
  /** Number of the user and the group. Only root can choose. */
  readonly user?: number;
  /** Where the runtime may keep files of its own. */
  readonly cache?: string;
  /** How long it may take. */
  readonly timeoutMs?: number;
}

const SCRIPTS = import.meta.dirname;
/** Below that of the tests. */
const TIMEOUT_MS = 50_000;

/**
 * The command of a runtime, with `gc` in its scripts.
 *
 * @param runtime Its name.
 * @param executable What runs it.
 */
export function collectingRuntime(runtime: "deno" | "bun" | "node", executable: string): string[] {
  if (runtime === "deno") return [executable, "run", "-A", "--v8-flags=--expose-gc"];
  return runtime === "bun" ? [executable] : [executable, "--expose-gc"];
}

function ownRuntime(): string[] {
  const { deno, bun } = process.versions;
  return collectingRuntime(deno !== undefined ? "deno" : bun !== undefined ? "bun" : "node", process.execPath);
}

/**
 * Run a case of `limited_process.ts`.
 *
 * @returns What it answered.
 * @throws {Error} If the process failed or was killed; the message has what it wrote.
 */
export function inProcess(name: string, args: readonly string[], limits: Limits = {}): Promise<unknown> {
  return scriptInProcess("limited_process.ts", [name, ...args], limits);
}

/** As {@linkcode inProcess}, of another script in this folder. */
export function scriptInProcess(script: string, args: readonly string[], limits: Limits = {}): Promise<unknown> {
  return inProcessOf(join(SCRIPTS, script), args, limits);
}

/** As {@linkcode inProcess}, of any script, by its path. */
export function inProcessOf(script: string, args: readonly string[], limits: Limits = {}): Promise<unknown> {
  const { ulimit, user, cache } = limits;
  const command = [...ownRuntime(), script, ...args];
  const shell = ["-c", `${ulimit === undefined ? "" : `ulimit ${ulimit} && `}exec "$@"`, "sh", ...command];
  const identity = user === undefined ? {} : { uid: user, gid: user };
  const env = cache === undefined ? process.env : { ...process.env, HOME: cache, DENO_DIR: cache, TMPDIR: cache };
  const options = { timeout: limits.timeoutMs ?? TIMEOUT_MS, env, ...identity, encoding: "utf8" } as const;
  return new Promise((resolve, reject) => {
    execFile("sh", shell, options, (error, stdout, stderr) => {
      if (error !== null) reject(new Error(`${script} ${args[0]} failed: ${error.message} ${stderr}`));
      else resolve(JSON.parse(stdout));
    });
  });
}
