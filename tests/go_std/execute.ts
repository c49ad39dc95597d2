/**
 * The tests of one package on one runtime, as `go test` runs them.
 *
 * @module
 */

import { delimiter, dirname, join } from "node:path";
import { describeEnd, type ProcessResult, runProcess } from "../conformance/process.ts";
import { ROOT, type Runtime } from "../conformance/runtimes.ts";
import { withScratchFolder } from "../conformance/scratch.ts";
import { binaryOf } from "./build.ts";
import type { GoInstallation, GoPackage } from "./packages.ts";

/** Something to run: the tests of a package in the guest, or Go's own tests of WASI hosts. */
export interface Task {
  /** Its name in what is printed. */
  readonly name: string;
  /** Folder in which it runs. */
  readonly folder: string;
  /** Its command line, given the seconds that it may take. */
  readonly command: (seconds: number) => readonly string[];
}

/** What became of a task. */
export interface Execution {
  /** The task. */
  readonly task: Task;
  /** How it failed, or undefined if it passed. */
  readonly failure: string | undefined;
  /** What it wrote. */
  readonly output: string;
  /** How long it ran. */
  readonly seconds: number;
}

const BIN = join(ROOT, "bin");

/** The script that `go` starts in place of a wasip1 program. */
export const EXEC_SCRIPT: string = join(BIN, "go_wasip1_wasm_exec");

const GRACE_SECONDS = 30;
const HOST_TESTS = "internal/runtime/wasitest";
const HOST_TESTS_SECONDS = 120;

/** The tests of a package, with the flags that `go test -short` gives to a test binary. */
export function packageTask(goPackage: GoPackage, installation: GoInstallation): Task {
  const binary = binaryOf(goPackage, installation);
  const flags = (seconds: number): string[] => ["-test.paniconexit0", `-test.timeout=${seconds}s`, "-test.short"];
  return {
    name: goPackage.path,
    folder: goPackage.folder,
    command: (seconds) => [EXEC_SCRIPT, binary, ...flags(seconds)],
  };
}

/** Go's tests of a WASI host, which run outside of it and start guests by `go run`. Go's own test run has them too. */
export function hostTask(installation: GoInstallation): Task {
  return {
    name: `${HOST_TESTS} (on the host)`,
    folder: join(installation.root, "src"),
    command: (seconds) => [
      ...["go", "test", "-count=1", "-short", `-timeout=${Math.min(seconds, HOST_TESTS_SECONDS)}s`, HOST_TESTS],
      ...["-args", "-target=wasip1/wasm"],
    ],
  };
}

/** Run a task. It gets an empty TMPDIR, which is removed at the end. */
export async function execute(
  task: Task,
  runtime: Runtime,
  installation: GoInstallation,
  seconds: number,
): Promise<Execution> {
  return await withScratchFolder(async (scratch) => {
    const result = await runProcess(task.command(seconds), {
      cwd: task.folder,
      env: environment(task, runtime, installation, scratch),
      timeoutMs: (seconds + GRACE_SECONDS) * 1000,
      stdin: "null",
    });
    return { task, failure: failureOf(result), output: result.output, seconds: result.milliseconds / 1000 };
  });
}

function failureOf(result: ProcessResult): string | undefined {
  if (result.exitCode !== 0) return describeEnd(result);
  return /^(PASS|ok\s.*)$/m.test(result.output) ? undefined : "exit status 0, but no PASS was written";
}

function environment(
  task: Task,
  runtime: Runtime,
  installation: GoInstallation,
  scratch: string,
): Record<string, string | undefined> {
  const path = [join(installation.root, "bin"), dirname(runtime.executable), BIN, process.env["PATH"] ?? ""];
  return {
    ...process.env,
    PATH: path.join(delimiter),
    PWD: task.folder,
    TMPDIR: scratch,
    WASIRUN_RUNTIME: runtime.name,
    // TestTCPEcho: it looks for a port that is free, and then has the guest listen there.
    GOWASIENABLERACYTEST: "1",
  };
}
