/** `poll_oneoff`. */

import { Errno } from "../../witx/errno.ts";
import type { MaybePromise } from "../../core/io/maybe_promise.ts";
import type { Events, Subscriptions } from "../results.ts";
import type { Abi } from "./abi.ts";
import {
  EVENT_SIZE,
  eventRows,
  readSubscriptions,
  SUBSCRIPTION_SIZE,
  subscriptionRows,
  writeEvents,
} from "./layout.ts";
import { resumed } from "./suspend.ts";

/** Maximum number of subscriptions in one call; Go passes up to 65,534. */
const MAX_SUBSCRIPTIONS = 1 << 17;

interface Rows {
  subs: Subscriptions;
  events: Events;
  /** Low and high word of each subscription's userdata, kept because events may be stored over the subscriptions. */
  userdata: Uint32Array;
}

/**
 * The import `poll_oneoff`.
 *
 * The rows are reused by the next call. A call that waits keeps them until it returns, because another export of the
 * same guest may poll in the meantime.
 *
 * @param abi What the imports of the guest share.
 */
export function pollFunction(
  { system, memory, dialect }: Abi,
): (inPtr: number, outPtr: number, count: number, resultPtr: number) => MaybePromise {
  const stride = SUBSCRIPTION_SIZE + dialect.subscriptionShift;
  const { outcome } = memory;
  let spare: Rows | undefined;

  function takeRows(count: number): Rows {
    const rows = spare;
    spare = undefined;
    if (rows !== undefined && rows.subs.type.length >= count) return rows;
    const subs = subscriptionRows(count);
    return { subs, events: eventRows(count), userdata: new Uint32Array(subs.type.length * 2) };
  }

  function finish(errno: Errno, rows: Rows, outPtr: number, resultPtr: number): Errno {
    spare = rows;
    if (errno !== Errno.SUCCESS) return errno;
    writeEvents(memory.view, outPtr, rows.events, rows.subs, rows.userdata);
    memory.storeU32(resultPtr, rows.events.count);
    return Errno.SUCCESS;
  }

  // A function that has a closure allocates it in every call.
  function finishLater(result: Promise<Errno>, rows: Rows, outPtr: number, resultPtr: number): MaybePromise {
    return outcome.settle(resumed(memory, result, (errno) => finish(errno, rows, outPtr, resultPtr)));
  }

  return (inPtr, outPtr, count, resultPtr) => {
    try {
      memory.refresh();
      inPtr >>>= 0;
      outPtr >>>= 0;
      count >>>= 0;
      resultPtr >>>= 0;
      if (count === 0 || count > MAX_SUBSCRIPTIONS) return Errno.INVAL;
      if (!memory.holds(inPtr, count * stride) || !memory.holds(outPtr, count * EVENT_SIZE)) return Errno.FAULT;
      if (!memory.holds(resultPtr, 4)) return Errno.FAULT;
      const rows = takeRows(count);
      rows.subs.count = count;
      readSubscriptions(memory.view, inPtr, rows.subs, rows.userdata, dialect.subscriptionShift);
      const result = system.poll.oneoff(rows.subs, rows.events);
      return typeof result === "number"
        ? finish(result, rows, outPtr, resultPtr)
        : finishLater(result, rows, outPtr, resultPtr);
    } catch (error) {
      return outcome.fail(error);
    }
  };
}
