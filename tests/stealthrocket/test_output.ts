/**
 * What a Go test binary writes with `-test.v`.
 *
 * @module
 */

/** The tests that ran; of those with subtests, only the subtests count. */
export interface TestOutput {
  /** Names of those that passed, in order. */
  readonly passed: readonly string[];
  /** Names of those that failed. */
  readonly failed: readonly string[];
  /** Names of those that were skipped. */
  readonly skipped: readonly string[];
  /** Names of those that began and did not end. */
  readonly unfinished: readonly string[];
  /** What each test wrote, but for its subtests. */
  readonly logs: ReadonlyMap<string, string>;
  /** The last word: PASS, FAIL, or undefined if it was not said. */
  readonly verdict: "PASS" | "FAIL" | undefined;
}

type Outcome = "PASS" | "FAIL" | "SKIP";

/** Read what a test binary wrote. */
export function readTestOutput(text: string): TestOutput {
  const outcomes = new Map<string, Outcome | undefined>();
  for (const [, name = ""] of text.matchAll(/=== RUN {3}(\S+)/g)) outcomes.set(name, undefined);
  // What a test writes without a line feed at its end stands in front of its result.
  for (const [, outcome, name = ""] of text.matchAll(/--- (PASS|FAIL|SKIP): (\S+) \(/g)) {
    // With -test.count a test runs many times, and one failure is enough.
    if (outcomes.get(name) !== "FAIL") outcomes.set(name, outcome as Outcome);
  }
  const parents = new Set([...outcomes.keys()].flatMap(prefixes));
  const leaves = [...outcomes].filter(([name, outcome]) => !parents.has(name) || failedItself(name, outcome, outcomes));
  const named = (wanted: Outcome | undefined): string[] =>
    leaves.filter(([, outcome]) => outcome === wanted).map(([name]) => name);
  return {
    passed: named("PASS"),
    failed: named("FAIL"),
    skipped: named("SKIP"),
    unfinished: named(undefined),
    logs: readLogs(text),
    verdict: /^(PASS|FAIL)$/m.exec(text)?.[1] as "PASS" | "FAIL" | undefined,
  };
}

function readLogs(text: string): Map<string, string> {
  const logs = new Map<string, string>();
  for (const [, name = "", log = ""] of text.matchAll(/=== RUN {3}(\S+)\n((?:(?!=== |--- | +--- ).*\n)*)/g)) {
    logs.set(name, (logs.get(name) ?? "") + log);
  }
  return logs;
}

/** True for a test that failed though none of its subtests did. */
function failedItself(
  name: string,
  outcome: Outcome | undefined,
  outcomes: ReadonlyMap<string, Outcome | undefined>,
): boolean {
  if (outcome !== "FAIL") return false;
  return ![...outcomes].some(([other, result]) =>
    other.startsWith(`${name}/`) && result !== "PASS" && result !== "SKIP"
  );
}

function prefixes(name: string): string[] {
  const parts = name.split("/");
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join("/"));
}
