/** `wasi:clocks/timezone`, which is unstable. Guests are in UTC, so that they learn nothing of the machine. */

import type { HostInterface } from "../../host.ts";
import { DATETIME } from "./datetime.ts";

/** The interface `wasi:clocks/timezone@0.2`. */
export function timezoneInterface(): HostInterface {
  return {
    functions: {
      display: {
        type: `func(when: ${DATETIME}) -> record{utc-offset: s32, name: string, in-daylight-saving-time: bool}`,
        call: () => ({ utcOffset: 0, name: "UTC", inDaylightSavingTime: false }),
      },
      "utc-offset": { type: `func(when: ${DATETIME}) -> s32`, call: () => 0 },
    },
    resources: {},
  };
}
