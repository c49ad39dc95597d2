/**
 * Replies of the guest `script` on two hosts, compared.
 *
 * @module
 */

import type { Command } from "./random_script.ts";

const SEPARATOR = "\x1f";
const TYPE = 1;
const SIZE = 3;
const FIRST_TIME = 4;

/** A reply that may differ. */
export interface Difference {
  /** The command: its name, then its arguments. */
  readonly command: RegExp;
  /** What wasmtime answers. */
  readonly wasmtime: RegExp;
  /** What wasirun answers. */
  readonly wasirun: RegExp;
  /** Why. */
  readonly reason: string;
}

/** The script as the guest reads it. */
export function scriptText(script: readonly Command[]): string {
  return script.map((command) => `${command.join(SEPARATOR)}\n`).join("");
}

/** What differs between two outputs that should not. */
export function differences(
  script: readonly Command[],
  expected: string,
  found: string,
  allowed: readonly Difference[],
): string[] {
  const [theirs, ours] = [expected.split("\n"), found.split("\n")];
  const complaints = script.flatMap((command, index) => {
    const [wasmtime, wasirun] = [comparable(command, theirs[index]), comparable(command, ours[index])];
    if (wasmtime === wasirun) return [];
    const words = command.slice(1).join(" ");
    const known = allowed.some((each) =>
      each.command.test(words) && each.wasmtime.test(wasmtime) && each.wasirun.test(wasirun)
    );
    return known ? [] : [`command ${index}, ${JSON.stringify(words)}: wasmtime ${wasmtime}, wasirun ${wasirun}`];
  });
  if (theirs.length !== ours.length) complaints.push(`wasmtime wrote ${theirs.length} lines, wasirun ${ours.length}`);
  return complaints;
}

/** A reply without what two runs never have in common: times, the order of a list, the size of a directory. */
function comparable([, name]: Command, line: string = "nothing"): string {
  const fields = line.split(SEPARATOR);
  if (fields[0] === "ok" && name === "list") return ["ok", ...entries(fields)].join(" ");
  if (fields[0] !== "ok" || (name !== "stat" && name !== "stat-at")) return fields.join(" ");
  const shown = fields.slice(0, FIRST_TIME);
  if (fields[TYPE] === "directory") shown[SIZE] = "*";
  return [...shown, ...fields.slice(FIRST_TIME).map((time) => time === "" ? "no time" : "time")].join(" ");
}

function entries(fields: readonly string[]): string[] {
  const found: string[] = [];
  for (let i = 1; i < fields.length; i += 2) found.push(`${fields[i]}:${fields[i + 1]}`);
  return found.sort();
}
