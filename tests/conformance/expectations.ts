/**
 * Tests that a runtime is known to fail, each with its reason.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { RUNTIME_NAMES, type RuntimeName } from "./runtimes.ts";

/** A test that is expected to fail. */
export interface ExpectedFailure {
  /** Name of the test. */
  readonly name: string;
  /** Why it fails. */
  readonly reason: string;
  /** Where to read more. */
  readonly link: string;
}

/** The expected failures of each runtime's own calls. */
export type Expectations = Readonly<Record<RuntimeName, readonly ExpectedFailure[]>>;

/** Tests that set times to the nanosecond. A backend without system calls cannot; no other test may be excused. */
export const NANOSECOND_TESTS: readonly string[] = ["fd_filestat_set", "path_filestat", "symlink_filestat"];

const FILE = join(import.meta.dirname, "expectations.json");

/** Read `expectations.json`. @throws {Error} When it excuses more than it may, or gives no reason. */
export function readExpectations(): Expectations {
  const content: Readonly<Record<string, ExpectedFailure[]>> = JSON.parse(readFileSync(FILE, "utf8"));
  for (const runtime of Object.keys(content)) {
    if (!RUNTIME_NAMES.some((name) => name === runtime)) throw new Error(`${FILE} names the runtime "${runtime}"`);
  }
  const failures = (name: RuntimeName): ExpectedFailure[] => (content[name] ?? []).map(check);
  return { deno: failures("deno"), bun: failures("bun"), node: failures("node"), node20: failures("node20") };
}

function check(failure: ExpectedFailure): ExpectedFailure {
  const { name, reason, link } = failure;
  if (!NANOSECOND_TESTS.includes(name)) {
    throw new Error(`${FILE} excuses ${name}; only ${NANOSECOND_TESTS.join(", ")} may be there`);
  }
  if (typeof reason !== "string" || reason === "" || !URL.canParse(link)) {
    throw new Error(`${FILE} excuses ${name} without a reason and a link`);
  }
  return failure;
}
