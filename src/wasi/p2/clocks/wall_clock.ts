/** `wasi:clocks/wall-clock`. */

import { Clockid } from "../../../witx/types.ts";
import type { HostInterface, WasiHost } from "../../host.ts";
import { DATETIME, storeDatetime } from "./datetime.ts";

/** The interface `wasi:clocks/wall-clock@0.2`. */
export function wallClockInterface({ guest: { clock } }: WasiHost): HostInterface {
  const words = new Uint32Array(2);
  return {
    functions: {
      now: {
        type: `func() -> ${DATETIME}`,
        lower: (cx) => (result: number): void => {
          cx.enter();
          const at = result >>> 0;
          cx.checkSpan(at, 16, 8);
          clock.realtime(words);
          storeDatetime(cx, at, words[0]!, words[1]!);
        },
      },
      resolution: {
        type: `func() -> ${DATETIME}`,
        lower: (cx) => (result: number): void => {
          cx.enter();
          const at = result >>> 0;
          cx.checkSpan(at, 16, 8);
          storeDatetime(cx, at, clock.resolution(Clockid.REALTIME), 0);
        },
      },
    },
    resources: {},
  };
}
