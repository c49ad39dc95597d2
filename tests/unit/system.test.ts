/** The names of `System` follow from those of the specification. */

import { expect, test } from "vitest";
import { HostSystem } from "../../src/core/host_system.ts";
import { preview1, unstable, WAITING_IMPORTS } from "../../src/abi/preview1.ts";
import { GuestMemory } from "../../src/abi/memory.ts";
import { SIGNATURES } from "../../src/witx/signatures.ts";
import { makeSystem, memoryBackend } from "../system/backends.ts";

/** `fd_prestat_get` to `fdPrestatGet`. */
function camelCase(name: string): string {
  return name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Imports that are answered by the method of another. */
const WITHOUT_METHOD = ["args_sizes_get", "environ_sizes_get", "fd_prestat_dir_name"];
/** Methods that answer no import of their own. */
const WITHOUT_IMPORT = ["constructor", "close", "waitFd"];

test("HostSystem has a method for every function of preview 1, and no others", () => {
  const methods = Object.getOwnPropertyNames(HostSystem.prototype).filter((name) => !WITHOUT_IMPORT.includes(name));
  const functions = Object.keys(SIGNATURES).filter((name) => !WITHOUT_METHOD.includes(name)).map(camelCase);
  expect(methods.sort()).toEqual(functions.sort());
});

test("both modules of imports have every function of preview 1, and no others", () => {
  const { system } = makeSystem(memoryBackend());
  for (const make of [preview1, unstable]) {
    const table = make(system, new GuestMemory());
    expect(Object.keys(table).sort()).toEqual(Object.keys(SIGNATURES).sort());
    for (const [name, fn] of Object.entries(table)) {
      expect(fn.length, name).toBe(SIGNATURES[name]!.params.length);
    }
  }
  for (const name of WAITING_IMPORTS) expect(Object.keys(SIGNATURES)).toContain(name);
});

test("an import that is called before the memory is known throws", () => {
  const { system } = makeSystem(memoryBackend());
  const { sched_yield: schedYield } = preview1(system, new GuestMemory());
  expect(() => schedYield!()).toThrow(/before its memory was known/);
});
