/**
 * An empty folder with the packed package installed in it.
 *
 * @module
 */

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const TIMEOUT_MS = 60_000;

/** How a command ended. */
export interface Ended {
  /** Exit status, or null after a signal. */
  readonly status: number | null;
  /** What it wrote. */
  readonly stdout: string;
  /** What it wrote. */
  readonly stderr: string;
}

/** The folder. */
export interface Installation {
  /** Its path. */
  readonly folder: string;
  /** The packed package. */
  readonly tarball: string;
  /** Run a command in it, with more environment than that of this process. */
  run(command: readonly string[], env: Readonly<Record<string, string>>): Ended;
  /** As {@linkcode run}, while this process goes on. */
  runAsync(command: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended>;
}

/** Pack the package and install it, without the network. The folder is removed when it is disposed of. */
export function installPackage(source: string): Installation & AsyncDisposable {
  if (!existsSync(join(source, "package.json"))) throw new Error("npm/ is missing: run npm run build");
  const folder = mkdtempSync(join(tmpdir(), "wasirun-npm-"));
  const run: Installation["run"] = ([program = "", ...args], env) => {
    const { status, stdout, stderr, error } = spawnSync(program, args, {
      cwd: folder,
      env: { ...process.env, ...env },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
      timeout: TIMEOUT_MS,
    });
    return { status, stdout, stderr: `${stderr ?? ""}${error?.message ?? ""}` };
  };
  const must = (command: readonly string[]): string => {
    const { status, stdout, stderr } = run(command, {});
    if (status !== 0) throw new Error(`Cannot run ${command.join(" ")}: ${stderr}`);
    return stdout;
  };
  const dispose = (): Promise<void> => Promise.resolve(rmSync(folder, { recursive: true, force: true }));
  try {
    writeFileSync(join(folder, "package.json"), '{ "private": true, "type": "module" }\n');
    const name = must(["npm", "pack", "--silent", source]).trim();
    const tarball = join(folder, name);
    must(["npm", "install", "--silent", "--offline", "--no-audit", "--no-fund", tarball]);
    const runAsync: Installation["runAsync"] = (command, env) => runInBackground(command, folder, env);
    return { folder, tarball, run, runAsync, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function runInBackground(
  [program = "", ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => stdout += text);
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr += text);
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}
