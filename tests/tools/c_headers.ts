/**
 * What C headers say: of this machine, by its `cc`, and of other systems, by those that Zig brings along.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

const BUILD = join(import.meta.dirname, "..", "..", ".build");
const ZIG = join(BUILD, "zig-0.15.2", "ziglang", "zig");
const ZIG_CACHE = join(BUILD, "zig_cache");
const TIMEOUT_MS = 60_000;

/** True if there is a C compiler with headers. */
export function hasCompiler(): boolean {
  return compiles("cc", [], "#include <stdio.h>\n#include <linux/openat2.h>\n");
}

/** True if Zig has been installed, as the guests in C need it. */
export function hasZig(): boolean {
  return existsSync(ZIG);
}

function compiles(program: string, args: readonly string[], source: string): boolean {
  try {
    withSource(source, (file) => run(program, [...args, "-fsyntax-only", file]));
    return true;
  } catch {
    return false;
  }
}

/**
 * Compile a program for this machine and run it.
 *
 * @returns What it wrote.
 * @throws {Error} If it has errors.
 */
export function runC(source: string): string {
  return withSource(source, (file, folder) => {
    const program = join(folder, "program");
    run("cc", ["-std=gnu11", "-w", "-o", program, file]);
    return run(program, []);
  });
}

/**
 * Compile a source, and no more, with the headers of another system.
 *
 * @param target As Zig names it: `aarch64-linux-musl`.
 * @returns Errors of the compiler, one a line; empty if there are none.
 */
export function complaintsFor(target: string, source: string): string[] {
  return withSource(source, (file, folder) => {
    const output = join(folder, "source.o");
    try {
      run(ZIG, ["cc", "-target", target, "-std=gnu11", "-w", "-ferror-limit=0", "-c", "-o", output, file]);
      return [];
    } catch (error) {
      const { stderr, message } = error as { stderr?: string; message: string };
      const errors = (stderr ?? "").split("\n").flatMap((line) => /error: (.*)/.exec(line)?.[1] ?? []);
      return errors.length > 0 ? errors : [message];
    }
  });
}

function withSource<T>(source: string, use: (file: string, folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "wasirun-c-"));
  try {
    const file = join(folder, "source.c");
    writeFileSync(file, source);
    return use(file, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, {
    encoding: "utf8",
    timeout: TIMEOUT_MS,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ZIG_GLOBAL_CACHE_DIR: ZIG_CACHE, ZIG_LOCAL_CACHE_DIR: ZIG_CACHE },
  });
}
