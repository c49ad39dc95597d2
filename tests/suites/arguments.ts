/**
 * The command line of the suite runner.
 *
 * @module
 */

import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { findRuntime, type RuntimeName } from "./runtimes.ts";
import type { Host, Settings, Suite } from "./suite.ts";

/** What the command line says. */
export interface Arguments extends Settings {
  /** Only cases whose name matches. */
  readonly filter: RegExp;
  /** Print the names of the cases and run nothing. */
  readonly isList: boolean;
  /** Show all that the cases write. */
  readonly isVerbose: boolean;
}

const FIRST_COLUMN = 20;

/** Reads the command line. @returns Undefined if it asks for help. @throws {Error} It is wrong. */
export function readArguments(suite: Suite, args: readonly string[]): Arguments | undefined {
  const own: ParseArgsOptionsConfig = Object.fromEntries(
    Object.keys(suite.options).map((name) => [name, { type: "string" }]),
  );
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      ...own,
      filter: { type: "string", default: "" },
      jobs: { type: "string", default: String(suite.jobs) },
      timeout: { type: "string", default: String(suite.seconds) },
      list: { type: "boolean", default: false },
      verbose: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) return undefined;
  const given: Readonly<Record<string, unknown>> = values;
  const ownValues = Object.entries(suite.options).map(([name, option]) => [name, given[name] ?? option.default]);
  return {
    hosts: values.list ? [] : chooseRuntimes(suite.runtimes, positionals),
    filter: new RegExp(values.filter),
    jobs: parseCount("--jobs", values.jobs),
    seconds: parseCount("--timeout", values.timeout),
    isList: values.list,
    isVerbose: values.verbose,
    values: Object.fromEntries(ownValues) as Settings["values"],
  };
}

/** Parses a number from 1. @throws {RangeError} It is none. */
export function parseCount(flag: string, text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 1) throw new RangeError(`${flag} takes a number from 1, not "${text}"`);
  return count;
}

/** Parses a list of names. @throws {RangeError} One of them is not known. */
function parseNames<Name extends string>(
  flag: string,
  names: readonly string[],
  known: readonly Name[],
): readonly Name[] {
  const unknown = names.filter((name) => !known.some((candidate) => candidate === name));
  if (unknown.length > 0) throw new RangeError(`${flag} takes names out of ${known.join(", ")}, not "${unknown[0]}"`);
  return known.filter((name) => names.includes(name));
}

/** Those that are named, which must be there, or else all that are there. */
function chooseRuntimes(known: readonly RuntimeName[], named: readonly string[]): Host[] {
  const names = named.length === 0 ? known : parseNames("RUNTIME", named, known);
  return names.map(findRuntime).flatMap((found) => {
    if ("command" in found) return [found];
    if (!found.optional || named.length > 0) throw new Error(`Cannot run on ${found.name}: ${found.reason}`);
    console.log(`${found.name}: left out, ${found.reason}`);
    return [];
  });
}

/** The text of `--help`. */
export function helpText(name: string, suite: Suite): string {
  const lines: (readonly [string, string])[] = [
    ["RUNTIME", `out of ${suite.runtimes.join(", ")} (default: all that are there)`],
    ["--filter REGEX", "only the cases whose name matches"],
    ["--jobs N", `how many cases run at a time (default: ${suite.jobs})`],
    ["--timeout SECONDS", `for each case (default: ${suite.seconds})`],
    ...Object.entries(suite.options).map(([flag, { value, help }]) => [`--${flag} ${value}`, help] as const),
    ["--list", "print the names of the cases, run nothing"],
    ["--verbose", "show all that the cases write"],
    ["--help", "show this text"],
  ];
  const folder = suite.folder === undefined ? "" : `${suite.folder}=FOLDER `;
  const rows = lines.map(([flag, help]) => `  ${flag.padEnd(FIRST_COLUMN)}${help}`);
  return [`Usage: ${folder}npm run ${name} -- [RUNTIME]... [options]`, suite.title, "", ...rows].join("\n");
}
