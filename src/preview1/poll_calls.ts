/** The call `poll_oneoff`, and the wait of calls on blocking descriptors. */

import { Errno } from "../witx/errno.ts";
import { Fdflags } from "../witx/types.ts";
import type { WaitMode } from "../contract/waiter.ts";
import { pollableOf } from "./descriptor.ts";
import { Poller } from "./poll.ts";
import type { Events, Subscriptions } from "./results.ts";
import type { SystemContext } from "./system_context.ts";

/** The calls that wait for descriptors. */
export class PollCalls {
  readonly #context: SystemContext;
  readonly #poller: Poller;

  /** @param context What the parts of the system share. */
  constructor(context: SystemContext) {
    this.#context = context;
    this.#poller = new Poller(context.table, context.waiter);
  }

  /**
   * Wait for the first of many subscriptions.
   *
   * @param subscriptions At least one.
   * @param events Room for as many rows as there are subscriptions.
   * @returns The errno at once, or a promise of it where the system suspends. Only `SUCCESS`, or `INVAL` for none.
   * Errors of single subscriptions stand in their events.
   */
  oneoff(subscriptions: Subscriptions, events: Events): Errno | Promise<Errno> {
    return subscriptions.count === 0 ? Errno.INVAL : this.#poller.poll(subscriptions, events);
  }

  /**
   * Waits until a call that returned `AGAIN` may be tried again.
   *
   * @param interest Bits of `Interest`.
   * @param mode `"block"` to block the thread even where the system suspends; `"suspend"` to wait as the system does.
   * @returns `SUCCESS` to try again (or a promise of it); `AGAIN` if the descriptor is non-blocking, or the time of its
   * RCVTIMEO or SNDTIMEO is over. For a guest that keeps polling a non-blocking one this
   * takes a turn of the event loop.
   */
  waitFd(fd: number, interest: number, mode: WaitMode): Errno | Promise<Errno> {
    const { table, waiter } = this.#context;
    const descriptor = table.get(fd);
    if (descriptor === undefined) return Errno.SUCCESS;
    const pollable = pollableOf(descriptor.object);
    if (pollable === undefined) return Errno.SUCCESS;
    if ((descriptor.flags & Fdflags.NONBLOCK) !== 0 && !descriptor.unfailing) {
      return pollable.needsEventLoop && mode === "suspend" ? waiter.foundNothing() : Errno.AGAIN;
    }
    const timeoutNs = descriptor.object.kind === "socket" ? descriptor.object.timeoutNs(interest) : Infinity;
    if (timeoutNs === Infinity) return waiter.waitForOne(pollable, interest, mode);
    const isReady = (): Errno => pollable.readiness(interest) !== 0 ? Errno.SUCCESS : Errno.AGAIN;
    return waiter.retry(pollable, interest, timeoutNs, isReady, mode);
  }
}
