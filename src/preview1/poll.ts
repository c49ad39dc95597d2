/** poll_oneoff: subscriptions and events over the polling of the core. */

import { Errno } from "../witx/errno.ts";
import { Clockid, Eventrwflags, Eventtype, Rights, Subclockflags } from "../witx/types.ts";
import { Interest, Readiness } from "../contract/pollable.ts";
import type { MaybePromise } from "../core/io/maybe_promise.ts";
import { PollRound, type PollSource } from "../core/io/poll_round.ts";
import type { GuestWaiter } from "../core/io/wait.ts";
import { realtimeNs } from "./clock.ts";
import { type Descriptor, pollableOf, readableBytesOf } from "./descriptor.ts";
import type { FdTable } from "./fd_table.ts";
import type { Events, Subscriptions } from "./results.ts";

/** Makes the calls of poll_oneoff of a system. It keeps its memory from call to call. */
export class Poller {
  readonly #table: FdTable;
  readonly #waiter: GuestWaiter;
  /** A call that waits keeps its memory to itself: another export of the guest may poll in the meantime. */
  #spare: Poll | undefined;

  /**
   * @param table The descriptors.
   * @param waiter Waits for the guest.
   */
  constructor(table: FdTable, waiter: GuestWaiter) {
    this.#table = table;
    this.#waiter = waiter;
  }

  /**
   * One call of poll_oneoff, from its start to its events.
   *
   * @param subs At least one subscription.
   * @param events Room for as many rows.
   */
  poll(subs: Subscriptions, events: Events): MaybePromise {
    const poll = this.#spare ?? new Poll(this.#table, this.#waiter);
    this.#spare = undefined;
    const result = poll.run(subs, events);
    if (typeof result === "number") this.#spare = poll;
    return result;
  }
}

/** One call. Descriptors are looked up again after each wait: the guest may close them meanwhile. */
class Poll implements PollSource {
  readonly #table: FdTable;
  readonly #waiter: GuestWaiter;
  readonly #round: PollRound;
  #subs: Subscriptions | undefined;
  #events: Events | undefined;
  /** Time of day, read when a subscription first asks for it. */
  #realtimeNs = NaN;
  readonly #words: Uint32Array = new Uint32Array(2);

  constructor(table: FdTable, waiter: GuestWaiter) {
    this.#table = table;
    this.#waiter = waiter;
    this.#round = new PollRound(waiter);
  }

  run(subs: Subscriptions, events: Events): MaybePromise {
    this.#subs = subs;
    this.#events = events;
    return this.#round.run(this);
  }

  askAll(round: PollRound): void {
    const subs = this.#subs!;
    const events = this.#events!;
    const { count, type } = subs;
    events.count = 0;
    this.#realtimeNs = NaN;
    for (let i = 0; i < count; i++) {
      if (type[i] === Eventtype.CLOCK) this.#askClock(round, subs, events, i);
      else this.#askDescriptor(round, subs, events, i);
    }
  }

  #askClock(round: PollRound, subs: Subscriptions, events: Events, i: number): void {
    const leftNs = this.#leftNs(round, subs, i);
    const isValid = !Number.isNaN(leftNs);
    if (round.askTimeLeft(isValid ? leftNs : 0)) report(events, i, isValid ? Errno.SUCCESS : Errno.INVAL, 0, 0);
  }

  /** Time until the clock expires (ns); NaN if there is no such clock. */
  #leftNs(round: PollRound, subs: Subscriptions, i: number): number {
    const timeoutNs = subs.timeout[i]!;
    const clockid = subs.clockid[i]!;
    const flags = subs.flags[i]!;
    if ((flags & ~Subclockflags.SUBSCRIPTION_CLOCK_ABSTIME) !== 0) return NaN;
    if (clockid !== Clockid.REALTIME && clockid !== Clockid.MONOTONIC) return NaN;
    if (flags === 0) return round.startNs + timeoutNs - round.nowNs;
    if (clockid === Clockid.MONOTONIC) return timeoutNs - round.nowNs;
    if (Number.isNaN(this.#realtimeNs)) this.#realtimeNs = realtimeNs(this.#waiter.clock, this.#words);
    return timeoutNs - this.#realtimeNs;
  }

  #askDescriptor(round: PollRound, subs: Subscriptions, events: Events, i: number): void {
    const isReading = subs.type[i] === Eventtype.FD_READ;
    const descriptor = this.#table.get(subs.fd[i]!);
    const errno = checked(descriptor, subs.type[i]!);
    if (errno !== Errno.SUCCESS) {
      round.answer();
      return report(events, i, errno, 0, 0);
    }
    const { object } = descriptor!;
    const pollable = pollableOf(object);
    let readiness = 0;
    if (pollable === undefined) {
      round.answer();
    } else {
      readiness = round.ask(pollable, isReading ? Interest.READ : Interest.WRITE);
      if (readiness === 0) return;
    }
    const hangup = (readiness & Readiness.HANGUP) !== 0 ? Eventrwflags.FD_READWRITE_HANGUP : 0;
    report(events, i, Errno.SUCCESS, isReading ? readableBytesOf(object) : 0, hangup);
  }
}

/** Whether a descriptor may be polled. */
function checked(descriptor: Descriptor | undefined, type: number): Errno {
  if (type > Eventtype.FD_WRITE) return Errno.INVAL;
  if (descriptor === undefined) return Errno.BADF;
  const { object, rightsBase } = descriptor;
  if ((rightsBase & Rights.POLL_FD_READWRITE) === 0) return Errno.NOTCAPABLE;
  const right = type === Eventtype.FD_READ ? Rights.FD_READ : Rights.FD_WRITE;
  return object.kind !== "file" && (rightsBase & right) === 0 ? Errno.BADF : Errno.SUCCESS;
}

function report(events: Events, i: number, error: Errno, nbytes: number, flags: number): void {
  const row = events.count++;
  events.index[row] = i;
  events.error[row] = error;
  events.nbytes[row] = nbytes;
  events.flags[row] = flags;
}
