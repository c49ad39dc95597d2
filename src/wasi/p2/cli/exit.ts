/** `wasi:cli/exit`. */

import { trap } from "../../../component/link/trap.ts";
import type { HostInterface, WasiHost } from "../../host.ts";

/** The interface `wasi:cli/exit@0.2`. */
export function exitInterface({ guest }: WasiHost): HostInterface {
  return {
    functions: {
      exit: {
        type: "func(status: result)",
        lower: (cx) => (status: number): never => {
          cx.enter();
          if (status >>> 0 > 1) trap("invalid variant discriminant");
          return guest.exit(status);
        },
      },
      "exit-with-code": {
        type: "func(status-code: u8)",
        lower: (cx) => (code: number): never => {
          cx.enter();
          return guest.exit(code & 0xff);
        },
      },
    },
    resources: {},
  };
}
