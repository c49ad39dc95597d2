/**
 * `npm run go-std`: the tests of Go's standard library, built for WASI preview 1, through `bin/go_wasip1_wasm_exec`.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { describeEnd, type ProcessResult, runProcess } from "../suites/process.ts";
import { ROOT } from "../suites/runtimes.ts";
import { withScratchFolder } from "../suites/scratch.ts";
import type { Execution, Host, OpenSuite, Settings, Suite, TestCase } from "../suites/suite.ts";
import { binaryOf, buildTestBinary } from "./build.ts";
import { findGo, type GoInstallation, type GoPackage, listPackages } from "./packages.ts";

const MIN_PACKAGES = 200;
const BIN = join(ROOT, "bin");
/** The script that `go` starts in place of a wasip1 program. */
const EXEC_SCRIPT = join(BIN, "go_wasip1_wasm_exec");
const GRACE_SECONDS = 30;
const HOST_TESTS = "internal/runtime/wasitest";
const HOST_TESTS_SECONDS = 120;

/** The suite. */
export const suite: Suite = {
  title: "Runs the tests of Go's standard library, built for WASI preview 1 by the go command on PATH.",
  runtimes: ["deno", "bun", "node"],
  jobs: 2,
  seconds: 600,
  options: {},
  open: (settings) => Promise.resolve(open(settings)),
};

/** What is run as a case, and where. */
interface Task {
  readonly name: string;
  readonly folder: string;
  readonly command: readonly string[];
}

function open({ seconds }: Settings): OpenSuite {
  const installation = findGo();
  const packages = listPackages();
  if (packages.length < MIN_PACKAGES) {
    throw new Error(`go list std names only ${packages.length} packages with tests`);
  }
  if (!existsSync(EXEC_SCRIPT)) throw new Error(`${EXEC_SCRIPT} is missing`);
  const complaints = new Map<string, string>();
  const caseOf = (task: Task): TestCase => ({
    name: task.name,
    run: async (host) => {
      const complaint = complaints.get(task.name);
      if (complaint !== undefined) return { complaints: ["it could not be built"], output: complaint };
      return await execute(task, host, installation, seconds);
    },
  });
  const tasks = [...packages.map((goPackage) => packageTask(goPackage, installation, seconds))];
  return {
    cases: [...tasks, hostTask(installation, seconds)].map(caseOf),
    prepare: async (cases) => {
      console.log(`${installation.version}: ${cases.length} packages with tests`);
      for (const goPackage of packages.filter(({ path }) => cases.some(({ name }) => name === path))) {
        const complaint = await buildTestBinary(goPackage, installation);
        if (complaint !== undefined) complaints.set(goPackage.path, complaint);
      }
    },
  };
}

/** The tests of a package, with the flags that `go test -short` gives to a test binary. */
function packageTask(goPackage: GoPackage, installation: GoInstallation, seconds: number): Task {
  const flags = ["-test.paniconexit0", `-test.timeout=${seconds}s`, "-test.short"];
  return {
    name: goPackage.path,
    folder: goPackage.folder,
    command: [EXEC_SCRIPT, binaryOf(goPackage, installation), ...flags],
  };
}

/** Go's tests of a WASI host, which run outside of it and start guests by `go run`. Go's own test run has them too. */
function hostTask(installation: GoInstallation, seconds: number): Task {
  const timeout = `-timeout=${Math.min(seconds, HOST_TESTS_SECONDS)}s`;
  return {
    name: `${HOST_TESTS} (on the host)`,
    folder: join(installation.root, "src"),
    command: ["go", "test", "-count=1", "-short", timeout, HOST_TESTS, "-args", "-target=wasip1/wasm"],
  };
}

/** Runs a task as `go test` would. It gets an empty TMPDIR, which is removed at the end. */
async function execute(task: Task, host: Host, installation: GoInstallation, seconds: number): Promise<Execution> {
  return await withScratchFolder(async (scratch) => {
    const result = await runProcess(task.command, {
      cwd: task.folder,
      env: environment(task, host, installation, scratch),
      timeoutMs: (seconds + GRACE_SECONDS) * 1000,
      stdin: "null",
    });
    return { complaints: complaintsOf(result), output: result.output };
  });
}

function complaintsOf(result: ProcessResult): string[] {
  if (result.exitCode !== 0) return [describeEnd(result)];
  return /^(PASS|ok\s.*)$/m.test(result.output) ? [] : ["exit status 0, but no PASS was written"];
}

function environment(
  task: Task,
  host: Host,
  installation: GoInstallation,
  scratch: string,
): Record<string, string | undefined> {
  const path = [join(installation.root, "bin"), dirname(host.executable), BIN, process.env["PATH"] ?? ""];
  return {
    ...process.env,
    PATH: path.join(delimiter),
    PWD: task.folder,
    TMPDIR: scratch,
    WASIRUN_RUNTIME: host.name,
    // TestTCPEcho: it looks for a port that is free, and then has the guest listen there.
    GOWASIENABLERACYTEST: "1",
  };
}
