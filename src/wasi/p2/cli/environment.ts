/** `wasi:cli/environment`. */

import { printable } from "../../../text/printable.ts";
import type { HostInterface, WasiHost } from "../../host.ts";

/**
 * The interface `wasi:cli/environment@0.2`.
 *
 * @throws {TypeError} If an argument, a variable or the working directory is not UTF-8: a component can't get it.
 */
export function environmentInterface({ guest }: WasiHost): HostInterface {
  const { args, env, cwd } = guest;
  args.forEach((text, index) => checkUnicode(text, `argument ${index}`));
  for (const [name, value] of env) {
    checkUnicode(name, "the name of a variable");
    checkUnicode(value, `the variable ${printable(name)}`);
  }
  checkUnicode(cwd, "the working directory");
  return {
    functions: {
      "get-environment": { type: "func() -> list<tuple<string, string>>", call: () => env },
      "get-arguments": { type: "func() -> list<string>", call: () => args },
      "initial-cwd": { type: "func() -> option<string>", call: () => cwd },
    },
    resources: {},
  };
}

/** Bytes that are not UTF-8 are lone surrogates in the texts of the host (`src/text/byte_text.ts`). */
function checkUnicode(text: string, what: string): void {
  if (text.isWellFormed()) return;
  throw new TypeError(
    `Cannot pass ${what} to a component: "${
      printable(text)
    }" is not UTF-8, and the strings of components are Unicode; ` +
      "change it, or run a core module, which gets bytes",
  );
}
