/** Arguments and variables of a guest. */

import { isByteText } from "../../text/byte_text.ts";
import type { RunOptions } from "../options/options.ts";

const NO_BYTES = "it has a lone surrogate that stands for no byte; pass valid Unicode";

/**
 * The arguments of a guest.
 *
 * @param options Options of the caller.
 * @param programName The first one, unless the options name another.
 * @throws {TypeError} If one of them can't be passed.
 */
export function guestArguments({ argv0, args = [] }: RunOptions, programName: string): string[] {
  const all = [argv0 ?? programName, ...args];
  for (const arg of all) {
    if (arg.includes("\0")) throw new TypeError(`Cannot pass the argument "${arg}": it has a NUL`);
    if (!isByteText(arg)) throw new TypeError(`Cannot pass the argument ${JSON.stringify(arg)}: ${NO_BYTES}`);
  }
  return all;
}

/**
 * The variables of a guest, as `NAME=VALUE`. Variables that are undefined are left out.
 *
 * @throws {TypeError} If one of them can't be passed.
 */
export function guestVariables(env: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(env).flatMap(([name, value]) => value === undefined ? [] : variable(name, value));
}

function variable(name: string, value: string): string {
  if (name === "" || /[=\0]/.test(name) || value.includes("\0")) {
    throw new TypeError(
      `Cannot pass the environment variable "${name}": a name has no "=", and neither part has a NUL`,
    );
  }
  const text = `${name}=${value}`;
  if (isByteText(text)) return text;
  throw new TypeError(`Cannot pass the environment variable ${JSON.stringify(name)}: ${NO_BYTES}`);
}
