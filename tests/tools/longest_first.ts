/**
 * The order of the test files: those that take the longest begin first, so that no worker is left with one of them at the
 * end while the other has nothing to do.
 *
 * @module
 */

import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

const ROOT = new URL("../../", import.meta.url).pathname;

/** Files that take more than 10 s on two cores, by the time that they take. */
const LONGEST: readonly string[] = [
  "tests/cli/runtime_platform.test.ts",
  "tests/sandbox/stack_overflow_runtime.test.ts",
  "tests/sandbox/stack_overflow_posix.test.ts",
  "tests/cli/launcher.test.ts",
  "tests/unit/go_signals.test.ts",
  "tests/stdio/command.test.ts",
  "tests/sandbox/stack_overflow_memory.test.ts",
  "tests/stdio/terminal.test.ts",
  "tests/cli/ending.test.ts",
  "tests/posix/ending.test.ts",
  "tests/posix/poll_set.test.ts",
  "tests/platform/moved_directory.test.ts",
  "tests/cli/bad_input.test.ts",
  "tests/cli/flags.test.ts",
  "tests/cli/hints.test.ts",
  "tests/system/runtime.test.ts",
];

/** {@linkcode LONGEST} first, and then as vitest sorts them: by what it knows of an earlier run, or by size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(relative(ROOT, moduleId));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => place(a) - place(b));
  }
}
