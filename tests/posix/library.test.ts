/** What the C library is opened by: loading a library runs it, and Bun looks for one in the working directory as well. */

import { isAbsolute } from "node:path";
import { expect, test } from "vitest";
import type { Ffi } from "../../src/platform/posix/ffi/ffi.ts";
import { Libc } from "../../src/platform/posix/ffi/libc.ts";
import type { Target } from "../../src/platform/posix/target/target.ts";
import { darwin } from "../../src/platform/posix/target/darwin.ts";
import { linux } from "../../src/platform/posix/target/linux.ts";

/** An FFI for which there is no library. */
function without(names: string[]): Ffi {
  const open = (library: string): never => {
    names.push(library);
    throw new Error(`there is no ${library}`);
  };
  return { open } as Partial<Ffi> as Ffi;
}

const TARGETS: readonly (readonly [system: string, target: Target])[] = [
  ["Linux on x86-64", linux("x64")],
  ["Linux on arm64", linux("arm64")],
  ["macOS", darwin()],
];

test.each(TARGETS)("no other library is tried if the C library can't be opened: %s", (_system, target) => {
  const names: string[] = [];
  expect(() => new Libc(without(names), target)).toThrow("there is no ");
  expect(names).toHaveLength(1);
  // glibc and musl both answer to this name, before they look into any folder.
  expect(names.filter((name) => !isAbsolute(name) && name !== "libc.so.6")).toEqual([]);
});
