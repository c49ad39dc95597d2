/**
 * Test binaries, built once for each version of Go.
 *
 * @module
 */

import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { describeEnd, runProcess } from "../suites/process.ts";
import { ROOT } from "../suites/runtimes.ts";
import { type GoInstallation, type GoPackage, WASIP1 } from "./packages.ts";

const BUILD_TIMEOUT_MS = 900_000;

/** Where the test binary of a package is, or will be. */
export function binaryOf(goPackage: GoPackage, installation: GoInstallation): string {
  return join(ROOT, ".build", "go_std", installation.version, `${goPackage.path}.test`);
}

/**
 * Build the test binary of a package, unless it is there.
 *
 * @returns Undefined when it is there now, or what the compiler said.
 */
export async function buildTestBinary(
  goPackage: GoPackage,
  installation: GoInstallation,
): Promise<string | undefined> {
  const binary = binaryOf(goPackage, installation);
  if (existsSync(binary)) return undefined;
  mkdirSync(dirname(binary), { recursive: true });
  const partial = `${binary}.partial`;
  const result = await runProcess(["go", "test", "-c", "-o", partial, goPackage.path], {
    cwd: join(installation.root, "src"),
    env: { ...process.env, ...WASIP1 },
    timeoutMs: BUILD_TIMEOUT_MS,
    stdin: "null",
  });
  if (result.exitCode === 0 && existsSync(partial)) {
    renameSync(partial, binary);
    return undefined;
  }
  rmSync(partial, { force: true });
  return `${result.output}\ngo test -c: ${describeEnd(result)}`;
}
