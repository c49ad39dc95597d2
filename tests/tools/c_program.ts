/**
 * C programs that are built for this machine, as guests, or as both.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce } from "./build_once.ts";
import { cCompiler } from "./c_compiler.ts";
import { command } from "./command.ts";

const BUILD = fileURLToPath(new URL("../../.build", import.meta.url));
const FLAGS: readonly string[] = ["-std=gnu11", "-O2", "-Wall", "-Wextra"];

/** What a program runs on: this machine, or a WASI host. */
export type CTarget = "native" | "wasm32-wasi";

interface Compiler {
  readonly version: string;
  compile(source: string, output: string): Promise<void>;
}

/**
 * Build a C program of one source file. What was built is kept in `.build/programs` until the sources of its folder, or
 * the compiler, change.
 *
 * @param source The source; it may include the headers that lie beside it.
 * @returns The path of the program.
 */
export async function cProgram(source: string, target: CTarget): Promise<string> {
  const compiler = target === "native" ? await nativeCompiler() : await cCompiler(BUILD);
  const hash = createHash("sha256").update(JSON.stringify([compiler.version, FLAGS, target]));
  for (const name of (await readdir(dirname(source))).sort()) {
    hash.update(`\n${name}\n`).update(await readFile(join(dirname(source), name)));
  }
  const name = basename(source, ".c") + (target === "native" ? "" : ".wasm");
  const built = join(BUILD, "programs", hash.digest("hex").slice(0, 16), name);
  return await buildOnce(built, (temporary) => compiler.compile(source, temporary));
}

async function nativeCompiler(): Promise<Compiler> {
  const version = await command("cc", ["--version"]).catch((error: unknown) => {
    throw new Error("Cannot build C programs: install a C compiler that is called cc", { cause: error });
  });
  return { version, compile: async (source, output) => void await command("cc", [...FLAGS, "-o", output, source]) };
}
