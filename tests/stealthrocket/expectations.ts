/**
 * Tests that fail on every host, and why.
 *
 * @module
 */

import type { Mode } from "./packages.ts";

/** A test that is expected to fail. */
export interface ExpectedFailure {
  /** Modes in which it fails. */
  readonly modes: readonly Mode[];
  /** Package. */
  readonly package: string;
  /** Name of the test. */
  readonly test: string;
  /** What it says when it fails for this reason, and not for another. */
  readonly says: string;
  /** Why it fails. */
  readonly reason: string;
}

const ORDER = "Go's own resolver sorts addresses by routes that its stand-in for a network on WASI makes up";
const FAMILIES = "with Go's own resolver the library answers both families of addresses, whichever is asked for";

/** All expected failures. A test that is named here and passes is a failure, too. */
const EXPECTED_FAILURES: readonly ExpectedFailure[] = [
  ...([["tcp", 443], ["udp", 80]] as const).flatMap(([network, port]) => [
    unordered(`TestLookupAddr/dial_${network}_example.com:${port}`),
    ...[4, 6].map((family) => unfiltered(`TestLookupAddr/dial_${network}${family}_example.com:${port}`, port)),
  ]),
];

/** The expected failures of a package. */
export function expectedFailures(mode: Mode, name: string): ExpectedFailure[] {
  return EXPECTED_FAILURES.filter((failure) => failure.package === name && failure.modes.includes(mode));
}

function unordered(test: string): ExpectedFailure {
  const says = "mismatch: fe80::ec34:70ff:fe53:470e != 10.0.0.1";
  return { modes: ["plain"], package: "wasip1", test, says, reason: ORDER };
}

function unfiltered(test: string, port: number): ExpectedFailure {
  const says = `[[fe80::ec34:70ff:fe53:470e]:${port} 10.0.0.1:${port} 10.0.0.2:${port}]`;
  return { modes: ["plain"], package: "wasip1", test, says, reason: FAMILIES };
}
