/**
 * What of Go's standard library has tests, and where the Go installation is.
 *
 * @module
 */

import { spawnSync } from "node:child_process";

/** The Go installation. */
export interface GoInstallation {
  /** Its version, such as `go1.26.8`. */
  readonly version: string;
  /** Its folder. */
  readonly root: string;
}

/** A package of the standard library with tests. */
export interface GoPackage {
  /** Import path, such as `encoding/json`. */
  readonly path: string;
  /** Folder of its source. */
  readonly folder: string;
}

/** Environment of the `go` command that makes it build for WASI preview 1. */
export const WASIP1: Readonly<Record<string, string>> = { GOOS: "wasip1", GOARCH: "wasm" };

const LIST_TIMEOUT_MS = 120_000;
const WITH_TESTS = "{{if or .TestGoFiles .XTestGoFiles}}{{.ImportPath}}\t{{.Dir}}{{end}}";

/** Ask the `go` on PATH for its version and folder. @throws {Error} When there is none. */
export function findGo(): GoInstallation {
  const [version = "", root = ""] = go(["env", "GOVERSION", "GOROOT"]);
  if (version === "" || root === "") throw new Error("Cannot tell Go's version and folder from `go env`");
  return { version: version.replaceAll(/[^\w.-]+/g, "_"), root };
}

/** The packages of `go list std` that have tests on WASI preview 1. */
export function listPackages(): GoPackage[] {
  return go(["list", "-f", WITH_TESTS, "std"]).filter((line) => line !== "").map((line) => {
    const [path = "", folder = ""] = line.split("\t");
    return { path, folder };
  });
}

function go(args: readonly string[]): string[] {
  const env = { ...process.env, ...WASIP1 };
  const { error, status, stdout, stderr } = spawnSync("go", args, { env, encoding: "utf8", timeout: LIST_TIMEOUT_MS });
  if (error !== undefined) throw new Error(`Cannot run go: ${error.message}. Is Go on PATH?`, { cause: error });
  if (status !== 0) throw new Error(`go ${args.join(" ")} failed:\n${stderr}`);
  return stdout.trimEnd().split("\n");
}
