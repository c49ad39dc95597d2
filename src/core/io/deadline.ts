/** Points in time as something to wait for. */

import type { PlatformClock } from "../../contract/platform.ts";
import { type Pollable, Readiness } from "../../contract/pollable.ts";

/**
 * Ready once the monotonic clock has reached a time. A {@linkcode PollList} makes it the timeout of the wait, so that no timer
 * and no retry is needed for it.
 */
export class Deadline implements Pollable {
  readonly needsEventLoop = false;
  /** The time on the monotonic clock (ns). */
  readonly timeNs: number;
  readonly #clock: PlatformClock;

  /**
   * @param clock Has the monotonic clock.
   * @param timeNs The time on it (ns).
   */
  constructor(clock: PlatformClock, timeNs: number) {
    this.#clock = clock;
    this.timeNs = timeNs;
  }

  readiness(): number {
    return this.#clock.monotonic() >= this.timeNs ? Readiness.READ : 0;
  }

  subscribe(): undefined {
    return undefined;
  }
}
