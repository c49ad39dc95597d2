/** Guests for which the valid calls succeed. */

import { expect } from "vitest";
import { symlink } from "../../src/platform/memory/mod.ts";
import type { RunOptions } from "../../src/runtime/options/options.ts";
import { AbiGuest } from "./abi_guest.ts";
import { FILE, storeInputs } from "./arguments.ts";

/** A guest for the call: `other` is a directory, a link or nothing. */
export function validGuest(name: string, run: RunOptions = {}): AbiGuest {
  const others = { path_readlink: symlink("x"), path_remove_directory: {} };
  const other = Object.hasOwn(others, name) ? { other: others[name as keyof typeof others] } : {};
  const at = new AbiGuest({ files: { file: "text", ...other }, run: { argv0: "app", env: { A: "1" }, ...run } });
  expect(at.open("file")).toBe(FILE);
  at.reset();
  storeInputs(at.bytes);
  return at;
}
