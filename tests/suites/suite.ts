/**
 * What a suite of tests is: a list of cases, each of which can be run on a host.
 *
 * @module
 */

import type { RuntimeName } from "./runtimes.ts";

/** What runs the guests: `wasirun` on a runtime, or another program. */
export interface Host {
  /** Its name. */
  readonly name: string;
  /** Its version. */
  readonly version: string;
  /** The executable. */
  readonly executable: string;
  /** What starts a script on it; empty if it runs guests only. */
  readonly script: readonly string[];
  /** What stands before the flags of `wasirun` on the command line. */
  readonly command: readonly string[];
}

/** What became of a case on a host. */
export interface Execution {
  /** What is not as it should be; empty if the case passed. */
  readonly complaints: readonly string[];
  /** What the case wrote. */
  readonly output: string;
  /** What is worth a line although the case passed. */
  readonly note?: string;
}

/** A case. */
export interface TestCase {
  /** Its name; no two cases of a suite have the same. */
  readonly name: string;
  /** Runs it. */
  readonly run: (host: Host) => Promise<Execution>;
  /** Why it is expected to fail on a host; undefined where it must pass. */
  readonly expectedFailure?: (host: Host) => string | undefined;
}

/** An option that only one suite has. It takes a value. */
export interface SuiteOption {
  /** What the help calls the value. */
  readonly value: string;
  /** What the help says. */
  readonly help: string;
  /** Its value if it is not given. */
  readonly default?: string;
}

/** What the command line says. */
export interface Settings {
  /** The runtimes to run on. */
  readonly hosts: readonly Host[];
  /** How many cases run at a time. */
  readonly jobs: number;
  /** Seconds that a case may take. */
  readonly seconds: number;
  /** The options that only this suite has. */
  readonly values: Readonly<Record<string, string | undefined>>;
}

/** A suite that is ready to run. */
export interface OpenSuite {
  /** Its cases, in the order in which they run. */
  readonly cases: readonly TestCase[];
  /** What it runs on in place of the runtimes. */
  readonly hosts?: readonly Host[];
  /** Builds what these cases need. */
  readonly prepare?: (cases: readonly TestCase[]) => Promise<void>;
  /** What to print at the end. */
  readonly notes?: () => readonly string[];
  /** Ends what the suite has started. */
  readonly close?: () => Promise<void>;
}

/** A suite. */
export interface Suite {
  /** What it runs, in a sentence. */
  readonly title: string;
  /** The runtimes that it knows. */
  readonly runtimes: readonly RuntimeName[];
  /** How many cases run at a time unless `--jobs` says so. */
  readonly jobs: number;
  /** Seconds that a case may take unless `--timeout` says so. */
  readonly seconds: number;
  /** The options that only this suite has. */
  readonly options: Readonly<Record<string, SuiteOption>>;
  /** The variable of the environment that names the folder of its files. */
  readonly folder?: string;
  /** Finds its cases. @throws {Error} They are not there. */
  readonly open: (settings: Settings) => Promise<OpenSuite>;
}
