/** Calls of a component that are lowered by hand: `tests/guests/component/c/hot_calls.c` makes them. */

import type { Platform } from "../../../src/contract/platform.ts";
import { isProgram } from "../../../src/runtime/component_program.ts";
import { startLoading } from "../../../src/runtime/module/load.ts";
import { witComponent } from "../../tools/component_guests.ts";

/** Names, in the order of the guest's table. */
export const COMPONENT_CASES: readonly string[] = [
  "monotonic-clock.now",
  "wall-clock.now",
  "output-stream.check-write",
  "output-stream.write, check-write",
  "blocking-write-and-flush",
  "input-stream.read",
  "pollable.ready",
  "pollable.block",
  "poll",
  "descriptor.read",
  "descriptor.write",
  "descriptor.stat",
  "descriptor.metadata-hash",
];

/** A guest that is ready. */
export interface ComponentRuns {
  /** Make a call so often. */
  readonly runs: (index: number, count: number) => number;
  /** End the guest. */
  readonly close: () => Promise<void>;
}

/**
 * Instantiate the guest.
 *
 * @param folder What it sees as `/`.
 */
export async function componentRuns(platform: Platform, folder: string): Promise<ComponentRuns> {
  const program = await startLoading(await witComponent("hot_calls"), platform);
  if (!isProgram(program)) throw new Error("Cannot count calls of a component: it is a module");
  const guest = await program.instantiate({ preopens: { "/": folder }, stdin: "inherit" }, platform, "block");
  const { prepare, repeat } = guest.exports as {
    prepare: () => void;
    repeat: (index: number, count: number) => void;
  };
  prepare();
  return {
    runs(index, count) {
      repeat(index, count);
      return 0;
    },
    close: guest.close,
  };
}
