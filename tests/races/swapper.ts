/**
 * Another process that changes a tree of files while a guest works in it.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import { cProgram } from "../tools/c_program.ts";
import { command } from "../tools/command.ts";

/** What changes: see `swap.c`. */
export type Swap = readonly ["exchange" | "move" | "replace", string, string];

/** The process. */
export interface Swapper {
  /** What it is: `C` or `JavaScript`. */
  readonly language: string;
  /** End it. */
  stop(): Promise<void>;
}

const READY_MS = 20_000;

/**
 * Start swapping.
 *
 * @param folder Where relative paths start.
 * @param swaps What to do, over and over.
 */
export async function startSwapper(folder: string, swaps: readonly Swap[]): Promise<Swapper> {
  const binary = await compiled();
  const [program, ...args] = binary === undefined ? [...ownRuntime(), join(import.meta.dirname, "swap.ts")] : [binary];
  const child = spawn(program!, [...args, ...swaps.flat()], { cwd: folder, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
  try {
    await ready(child);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return {
    language: binary === undefined ? "JavaScript" : "C",
    async stop() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The program in C, or undefined where there is no compiler. */
async function compiled(): Promise<string | undefined> {
  const hasCompiler = await command("cc", ["--version"]).then(() => true, () => false);
  return hasCompiler ? await cProgram(join(import.meta.dirname, "swap.c"), "native") : undefined;
}

function ownRuntime(): string[] {
  return process.versions["deno"] === undefined ? [process.execPath] : [process.execPath, "run", "-A"];
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("The process that swaps did not start in time")), READY_MS);
    child.once("error", reject);
    child.once("close", () => reject(new Error("The process that swaps ended early")));
    child.stdout!.once("data", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
