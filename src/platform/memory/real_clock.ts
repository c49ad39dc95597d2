/** The clocks of the web platform. */

import { Errno } from "../../witx/errno.ts";
import { Clockid } from "../../witx/types.ts";
import type { PlatformClock } from "../../contract/platform.ts";

const NS_PER_MS = 1_000_000;

/** @returns `Date.now` and `performance.now` as a platform's clock. There is none for processor time. */
export function realClock(): PlatformClock {
  return {
    realtime(out): void {
      const ns = BigInt(Date.now()) * BigInt(NS_PER_MS);
      out[0] = Number(ns & 0xffff_ffffn);
      out[1] = Number(ns >> 32n);
    },
    monotonic: () => Math.floor(performance.now() * NS_PER_MS),
    cputime: () => -Errno.NOTSUP,
    resolution: (clockid) => clockid === Clockid.REALTIME ? NS_PER_MS : 1000,
  };
}
