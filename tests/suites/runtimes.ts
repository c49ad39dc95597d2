/**
 * Where the runtimes are, and how each one starts `wasirun`.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import type { Host } from "./suite.ts";

/** A runtime that the runners know. `node20` stands for the machine's own Node, which is older than 24. */
export type RuntimeName = "deno" | "bun" | "node" | "node20";

/** A runtime that is there. */
export interface Runtime extends Host {
  /** Its name. */
  readonly name: RuntimeName;
}

/** A runtime that cannot be used, and why. */
export interface MissingRuntime {
  /** Its name. */
  readonly name: RuntimeName;
  /** Why. */
  readonly reason: string;
  /** True if the machine just does not have it; false if the checkout lacks something that it should have. */
  readonly optional: boolean;
}

/** All names, in the order in which they run. */
export const RUNTIME_NAMES: readonly RuntimeName[] = ["deno", "bun", "node", "node20"];

/** The root of the checkout. */
export const ROOT: string = dirname(dirname(import.meta.dirname));

const SOURCE_COMMAND = join(ROOT, "src", "cli", "wasirun.ts");
const BUILT_COMMAND = join(ROOT, "npm", "dist", "wasirun.js");
const OWN_BIN = join(ROOT, "node_modules", ".bin");
const FIRST_NODE_OF_SOURCE = 26;
const FIRST_NODE_NOT_OLD = 24;

/** Looks for a runtime. */
export function findRuntime(name: RuntimeName): Runtime | MissingRuntime {
  if (name === "node20") return findOldNode();
  const [program, isWanted] = name === "node" ? ["node", isNewNode] as const : [name, isAny] as const;
  const found = findExecutable(program, [OWN_BIN, ...pathFolders()], isWanted);
  if (found === undefined) {
    const which = name === "node" ? `a Node of version ${FIRST_NODE_OF_SOURCE} or newer` : name;
    return { name, optional: false, reason: `${which} is neither in node_modules/.bin nor on PATH: run npm ci` };
  }
  if (!existsSync(SOURCE_COMMAND)) return { name, optional: false, reason: "src/cli/wasirun.ts is missing" };
  const script = [found.executable, ...(name === "deno" ? ["run", "-A"] : [])];
  return { name, ...found, script, command: [...script, SOURCE_COMMAND] };
}

function findOldNode(): Runtime | MissingRuntime {
  const name = "node20";
  const folders = pathFolders().filter((folder) => !folder.endsWith(join("node_modules", ".bin")));
  const found = findExecutable("node", folders, isOldNode);
  if (found === undefined) {
    const reason = `no Node older than ${FIRST_NODE_NOT_OLD} is on PATH outside node_modules/.bin`;
    return { name, optional: true, reason };
  }
  if (!existsSync(BUILT_COMMAND)) {
    return { name, optional: false, reason: "npm/dist/wasirun.js is missing: run npm run build" };
  }
  if (isOlderThanSource(BUILT_COMMAND)) {
    return { name, optional: false, reason: "npm/dist/wasirun.js is older than src: run npm run build" };
  }
  return { name, ...found, script: [found.executable], command: [found.executable, BUILT_COMMAND] };
}

function isOlderThanSource(path: string): boolean {
  const source = join(ROOT, "src");
  const built = statSync(path).mtimeMs;
  return readdirSync(source, { recursive: true, encoding: "utf8" })
    .some((file) => file.endsWith(".ts") && statSync(join(source, file)).mtimeMs > built);
}

function findExecutable(
  program: string,
  folders: readonly string[],
  isWanted: (version: string) => boolean,
): { executable: string; version: string } | undefined {
  for (const folder of folders) {
    const executable = join(folder, program);
    if (!existsSync(executable)) continue;
    const version = versionOf(executable);
    if (version !== undefined && isWanted(version)) return { executable, version };
  }
  return undefined;
}

function versionOf(executable: string): string | undefined {
  const { status, stdout } = spawnSync(executable, ["--version"], { encoding: "utf8", timeout: 30_000 });
  return status === 0 ? /\d+\.\d+\.\d+/.exec(stdout)?.[0] : undefined;
}

function pathFolders(): string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

function isAny(): boolean {
  return true;
}

function isNewNode(version: string): boolean {
  return Number.parseInt(version) >= FIRST_NODE_OF_SOURCE;
}

function isOldNode(version: string): boolean {
  return Number.parseInt(version) < FIRST_NODE_NOT_OLD;
}
