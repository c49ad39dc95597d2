/**
 * Tests that a runtime is known to fail, each with its reason.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RUNTIME_NAMES } from "../suites/runtimes.ts";

/** A test that is expected to fail. */
export interface ExpectedFailure {
  /** Name of the test. */
  readonly name: string;
  /** Why it fails. */
  readonly reason: string;
  /** Where to read more. */
  readonly link: string;
}

/** Tests that set times to the nanosecond. A backend without system calls cannot; no other test may be excused. */
const NANOSECOND_TESTS: readonly string[] = ["fd_filestat_set", "path_filestat", "symlink_filestat"];

const FILE = join(import.meta.dirname, "expectations.json");

/**
 * Reads `expectations.json`.
 *
 * @returns The expected failures of a runtime's own calls.
 * @throws {Error} The file excuses more than it may, or gives no reason.
 */
export function readExpectations(): (runtime: string) => readonly ExpectedFailure[] {
  const content: Readonly<Record<string, ExpectedFailure[]>> = JSON.parse(readFileSync(FILE, "utf8"));
  const unknown = Object.keys(content).find((runtime) => !RUNTIME_NAMES.some((name) => name === runtime));
  if (unknown !== undefined) throw new Error(`${FILE} names the runtime "${unknown}"`);
  for (const failures of Object.values(content)) failures.forEach(check);
  return (runtime) => content[runtime] ?? [];
}

function check(failure: ExpectedFailure): void {
  const { name, reason, link } = failure;
  if (!NANOSECOND_TESTS.includes(name)) {
    throw new Error(`${FILE} excuses ${name}; only ${NANOSECOND_TESTS.join(", ")} may be there`);
  }
  if (typeof reason !== "string" || reason === "" || !URL.canParse(link)) {
    throw new Error(`${FILE} excuses ${name} without a reason and a link`);
  }
}
