/**
 * A C compiler for `wasm32-wasi`, on a machine that may have none.
 *
 * Zig's comes first: its version is pinned, so that every machine builds the same guests, and it can be installed
 * without root (once, about half a minute and 430 MB with the libc that it builds). A clang that has wasi-libc
 * serves where Python or the package cannot be had. `GUEST_CC=zig` or `GUEST_CC=clang` allows that one only.
 *
 * @module
 */

import { mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { buildOnce, exists } from "./build_once.ts";
import { command } from "./command.ts";

/** A compiler that was found. */
export interface CCompiler {
  /** Name and version; guests that another one built are built again. */
  readonly version: string;
  /** Compile one source file, with warnings as errors; `flags` come last. */
  compile(source: string, output: string, flags?: readonly string[]): Promise<void>;
}

const ZIG_VERSION = "0.15.2";
const FLAGS = [
  "-target",
  "wasm32-wasi",
  "-std=gnu11",
  "-O1",
  "-g0",
  "-fno-inline",
  "-fno-sanitize=undefined",
  "-Wall",
  "-Wextra",
  "-Werror",
];
/** How long a failed installation is remembered, so that not every test process tries it again. */
const FAILURE_MS = 600_000;

let found: Promise<CCompiler> | undefined;

/**
 * Find or install a compiler.
 *
 * @param buildDirectory Where Zig is installed and keeps its cache.
 * @throws {Error} Neither Zig nor clang can be had; the message says how to get each.
 */
export function cCompiler(buildDirectory: string): Promise<CCompiler> {
  found ??= findCompiler(buildDirectory);
  return found;
}

async function findCompiler(buildDirectory: string): Promise<CCompiler> {
  const only = process.env["GUEST_CC"];
  const reasons: string[] = [];
  for (const [name, find] of [["zig", zigCompiler], ["clang", clangCompiler]] as const) {
    if (only !== undefined && only !== "" && only !== name) continue;
    try {
      return await find(buildDirectory);
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(
    "Cannot find a C compiler for wasm32-wasi. Either of these two is enough:\n" +
      `  zig, installed by this tool: needs python3 with pip, and access to the Python package index (ziglang ${ZIG_VERSION})\n` +
      "  clang with wasi-libc; on Debian: apt-get install clang lld wasi-libc libclang-rt-dev-wasm32\n" +
      reasons.join("\n"),
  );
}

async function zigCompiler(buildDirectory: string): Promise<CCompiler> {
  const directory = await installZig(buildDirectory);
  const zig = join(directory, "ziglang", process.platform === "win32" ? "zig.exe" : "zig");
  const cache = join(buildDirectory, "zig_cache");
  const env = { ZIG_GLOBAL_CACHE_DIR: cache, ZIG_LOCAL_CACHE_DIR: cache };
  return {
    version: `zig ${ZIG_VERSION}`,
    async compile(source: string, output: string, flags: readonly string[] = []): Promise<void> {
      await command(zig, ["cc", ...FLAGS, ...flags, "-o", output, source], { env });
    },
  };
}

async function installZig(buildDirectory: string): Promise<string> {
  const directory = join(buildDirectory, `zig-${ZIG_VERSION}`);
  const failure = `${directory}.failed`;
  if (!await exists(directory)) await rethrowRecent(failure);
  try {
    return await buildOnce(directory, pipInstallZig);
  } catch (error) {
    await writeFile(failure, error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function pipInstallZig(directory: string): Promise<void> {
  const options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:", "--retries", "1"];
  const args = ["-m", "pip", "install", ...options, "--target", directory, `ziglang==${ZIG_VERSION}`];
  await command("python3", args, { env: { PIP_ROOT_USER_ACTION: "ignore" } });
}

async function rethrowRecent(failure: string): Promise<void> {
  const failedMs = await stat(failure).then((stats) => stats.mtimeMs, () => 0);
  if (Date.now() - failedMs < FAILURE_MS) throw new Error(await readFile(failure, "utf8"));
  await rm(failure, { force: true });
}

async function clangCompiler(buildDirectory: string): Promise<CCompiler> {
  const version = (await command("clang", ["--version"])).split("\n")[0] ?? "clang";
  const compiler: CCompiler = {
    version,
    async compile(source: string, output: string, flags: readonly string[] = []): Promise<void> {
      await command("clang", [...FLAGS, ...flags, "-o", output, source]);
    },
  };
  await probe(compiler, join(buildDirectory, `clang_probe-${process.pid}`));
  return compiler;
}

/** A clang without the libc or the linker is common; compile something to know. */
async function probe(compiler: CCompiler, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  try {
    const source = join(directory, "probe.c");
    await writeFile(source, '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n');
    await compiler.compile(source, join(directory, "probe.wasm"));
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}
