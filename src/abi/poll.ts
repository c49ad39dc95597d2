/** poll_oneoff between guest memory and the system. */

import { Errno } from "../witx/errno.ts";
import type { Events, Subscriptions, System } from "../core/system.ts";
import {
  EVENT_SIZE,
  eventRows,
  readSubscriptions,
  SUBSCRIPTION_SIZE,
  subscriptionRows,
  writeEvents,
} from "./layout.ts";
import type { GuestMemory } from "./memory.ts";

/** Subscriptions of one call at most; Go passes up to 65,534. */
const MAX_SUBSCRIPTIONS = 1 << 17;

/** Subscriptions were larger once. */
export interface PollAbi {
  /** 0, or 8 for `wasi_unstable`. */
  readonly subscriptionShift: 0 | 8;
}

interface Rows {
  subs: Subscriptions;
  events: Events;
  /** Low and high word of each subscription's userdata, kept because the events may be stored over them. */
  userdata: Uint32Array;
}

/**
 * The import `poll_oneoff`.
 *
 * The rows are kept from call to call. A call that waits keeps them to itself until it ends, because another export of
 * the same guest may poll in the meantime.
 *
 * @param system Answers the calls.
 * @param memory Memory of the guest.
 * @param abi Layout of subscriptions.
 */
export function pollFunction(
  system: System,
  memory: GuestMemory,
  abi: PollAbi,
): (inPtr: number, outPtr: number, count: number, resultPtr: number) => Errno | Promise<Errno> {
  const stride = SUBSCRIPTION_SIZE + abi.subscriptionShift;
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
    memory.refresh();
    writeEvents(memory.view, outPtr, rows.events, rows.subs, rows.userdata);
    memory.storeU32(resultPtr, rows.events.count);
    return Errno.SUCCESS;
  }

  return (inPtr, outPtr, count, resultPtr) => {
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
    readSubscriptions(memory.view, inPtr, rows.subs, rows.userdata, abi.subscriptionShift);
    const answer = system.pollOneoff(rows.subs, rows.events);
    if (typeof answer === "number") return finish(answer, rows, outPtr, resultPtr);
    return answer.then((errno) => finish(errno, rows, outPtr, resultPtr));
  };
}
