/** A system over a folder of the host, by the posix platform. */

import { posix } from "../../src/platform/posix/mod.ts";
import { type MadeSystem, makeSystem } from "../system/backends.ts";
import { Caller } from "../system/caller.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A system, and the folder that is its root. */
export interface PosixSystem {
  readonly system: MadeSystem["system"];
  readonly call: Caller;
  readonly folder: string;
}

/**
 * Make one.
 *
 * @param folder What the guest sees as `/`. Default: a new, empty one, removed with the test.
 * @param maxOpenFiles Descriptors that may be open at once.
 */
export function posixSystem(folder: string = temporaryDirectory(), maxOpenFiles: number = 2000): PosixSystem {
  const platform = posix();
  const backend = {
    name: platform.name,
    platform,
    emptyRoot: () => platform.openRoot(folder),
    dispose: () => Promise.resolve(),
  };
  const { system } = makeSystem(backend, { maxOpenFiles });
  return { system, call: new Caller(system), folder };
}
