/** The system's clocks. */

import { Clockid } from "../../witx/types.ts";
import type { PlatformClock } from "../../contract/platform.ts";
import { storeNs } from "../shared/clock.ts";
import type { ForeignFunctions } from "./ffi/ffi.ts";
import type { Libc } from "./ffi/libc.ts";

const FUNCTIONS = {
  clock_gettime: { parameters: ["i32", "address"], result: "i32" },
} as const satisfies ForeignFunctions<string>;

const WORD = 2 ** 32;
const NS = 1e9;

/**
 * Clocks by clock_gettime(2), to the ns.
 *
 * @param libc The C library.
 */
export function posixClock(libc: Libc): PlatformClock {
  const { clock_gettime } = libc.open(FUNCTIONS);
  const { address, u32 } = libc.arena.allocate(16);
  const { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID } = libc.target;

  function ns(clock: number): number {
    clock_gettime(clock, address);
    return (u32[1]! * WORD + u32[0]!) * NS + u32[2]!;
  }

  return {
    realtime(out) {
      clock_gettime(CLOCK_REALTIME, address);
      storeNs(u32[1]! * WORD + u32[0]!, NS, u32[2]!, out);
    },
    monotonic: () => ns(CLOCK_MONOTONIC),
    cputime: () => ns(CLOCK_PROCESS_CPUTIME_ID),
    resolution: (clockid) => clockid === Clockid.REALTIME && libc.target.os === "darwin" ? 1000 : 1,
  };
}
