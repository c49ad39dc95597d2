/** Pollables that are descriptors of the process. */

import type { Pollable } from "../../../contract/pollable.ts";

/** One that poll(2) can be asked for. */
export interface FdPollable extends Pollable {
  /** Its descriptor, or -1 where it is always ready. */
  readonly fd: number;
}
