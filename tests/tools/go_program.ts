/**
 * Go programs that are built for this machine, as guests, or as both.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce } from "./build_once.ts";
import { command } from "./command.ts";

const PROGRAMS = fileURLToPath(new URL("../../.build/programs", import.meta.url));
const FLAGS: readonly string[] = ["-trimpath", "-buildvcs=false"];

/** What a program runs on: this machine, or a WASI host. */
export type GoTarget = "native" | "wasip1";

const ENVIRONMENTS: Readonly<Record<GoTarget, Readonly<Record<string, string>>>> = {
  native: { CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
  wasip1: { GOOS: "wasip1", GOARCH: "wasm", CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" },
};

/**
 * Build the Go module in a folder. What was built is kept in `.build/programs` until its sources or Go change.
 *
 * @param folder The module, all in this folder.
 * @returns The path of the program.
 */
export async function goProgram(folder: string, target: GoTarget): Promise<string> {
  const version = await command("go", ["version"]).catch((error: unknown) => {
    throw new Error("Cannot build Go programs: install Go 1.24 or later (https://go.dev/dl)", { cause: error });
  });
  const hash = createHash("sha256").update(JSON.stringify([version, FLAGS, target]));
  for (const name of (await readdir(folder)).sort()) {
    if (name === "go.mod" || name.endsWith(".go")) {
      hash.update(`\n${name}\n`).update(await readFile(join(folder, name)));
    }
  }
  const name = basename(folder) + (target === "wasip1" ? ".wasm" : "");
  return await buildOnce(join(PROGRAMS, hash.digest("hex").slice(0, 16), name), async (temporary) => {
    await command("go", ["build", ...FLAGS, "-o", temporary, "."], { cwd: folder, env: ENVIRONMENTS[target] });
  });
}
