/**
 * Guests in C on the libc of WASI 0.2 (`wasm32-wasip2`), built by a clang of the machine. `WASIRUN_WASI_LIBC` names the
 * folder that has `include/wasm32-wasip2` and `lib/wasm32-wasip2`; `WASIRUN_CLANG` names the compiler, if it is not
 * `clang`. docs/components.md has commands that install both.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { buildOnce } from "./build_once.ts";
import { command } from "./command.ts";
import { newComponent } from "./component_guests.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TARGET = "wasm32-wasip2";
const FLAGS = [`--target=${TARGET}`, "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"];
const STACK_SIZE = 1_048_576;

/** Folder of the libc, or undefined if none is named. */
export const WASI_LIBC: string | undefined = process.env["WASIRUN_WASI_LIBC"] || undefined;

/**
 * Build a program for `wasm32-wasip2`.
 *
 * @param source Path of its C file, below `tests/guests`.
 * @returns Path of the component.
 * @throws {Error} If no libc is named, or a tool fails.
 */
export async function wasiLibcComponent(source: string): Promise<string> {
  if (WASI_LIBC === undefined) throw new Error("WASIRUN_WASI_LIBC names no folder with the libc of wasm32-wasip2");
  const path = join(ROOT, "tests", "guests", source);
  const clang = process.env["WASIRUN_CLANG"] || "clang";
  const version = await command(clang, ["--version"]);
  const hash = createHash("sha256").update(JSON.stringify([version, WASI_LIBC, FLAGS, STACK_SIZE]));
  const folder = hash.update(await readFile(path)).digest("hex").slice(0, 16);
  const target = join(ROOT, ".build", "guests", folder, `${basename(source, ".c")}_${TARGET}.wasm`);
  const libc = WASI_LIBC;
  return await buildOnce(target, async (temporary) => {
    const [object, module] = [`${temporary}.o`, `${temporary}.core.wasm`];
    await command(clang, [...FLAGS, "-isystem", join(libc, "include", TARGET), "-c", path, "-o", object]);
    await link(clang, join(libc, "lib", TARGET), object, module);
    await newComponent(module, temporary);
  });
}

async function link(clang: string, libraries: string, object: string, output: string): Promise<void> {
  const linker = (await command(clang, ["-print-prog-name=wasm-ld"])).trim();
  const builtins = (await command(clang, [`--target=${TARGET}`, "-print-libgcc-file-name"])).trim();
  const start = join(libraries, "crt1-command.o");
  const stack = ["-z", `stack-size=${STACK_SIZE}`];
  await command(linker, ["-L", libraries, start, object, "-lc", builtins, ...stack, "-o", output]);
}
