/** poll_oneoff: collect what is ready, wait if nothing is, report. */

import { Errno } from "../witx/errno.ts";
import { Clockid, Eventrwflags, Eventtype, Rights, Subclockflags } from "../witx/types.ts";
import { realtimeNs } from "./clock.ts";
import type { Descriptor } from "./descriptor.ts";
import type { FdTable } from "./fd_table.ts";
import type { Platform, Waiter } from "./platform.ts";
import { Interest, type Pollable, type PollGroup, Readiness } from "./pollable.ts";
import type { Events, Subscriptions } from "./system.ts";
import type { TurnMeter } from "./turns.ts";

/** What a poll needs to know of its system. */
export interface PollContext {
  /** Descriptors. */
  readonly table: FdTable;
  /** Clocks. */
  readonly platform: Platform;
  /** How to wait. */
  readonly waiter: Waiter;
  /** When the event loop had its turn. */
  readonly turns: TurnMeter;
  /** Woken to end the guest; throws then. */
  readonly interrupt: Interrupt | undefined;
}

/** Ends waits early. */
export interface Interrupt extends Pollable {
  /** @throws The reason, once the guest is to end. */
  check(): void;
}

/**
 * Wait for any of a list of pollables, and for the interrupt.
 *
 * @param context The system.
 * @param pollables What to wait for.
 * @param interests Bits of `Interest`, one for each.
 * @param timeoutNs How long at most.
 * @param waiter How to wait, if not as the system does.
 * @throws What the interrupt throws.
 */
export function waitFor(
  context: PollContext,
  pollables: readonly Pollable[],
  interests: readonly number[],
  timeoutNs: number,
  waiter: Waiter = context.waiter,
): void | Promise<void> {
  const { interrupt } = context;
  if (interrupt === undefined) return waiter.wait(pollables, interests, timeoutNs);
  const waited = waiter.wait([...pollables, interrupt], [...interests, Interest.READ], timeoutNs);
  if (waited === undefined) return interrupt.check();
  return waited.then(() => interrupt.check());
}

/**
 * Try again and again, with a wait in between, for as long as the answer is `AGAIN`.
 *
 * @param context The system.
 * @param pollable What to wait for.
 * @param interest Bits of `Interest`.
 * @param timeoutNs How long at most; then the answer is `AGAIN`.
 * @param attempt Answers at once.
 * @param waiter How to wait, if not as the system does.
 * @throws What the interrupt throws.
 */
export function retryUntil(
  context: PollContext,
  pollable: Pollable,
  interest: number,
  timeoutNs: number,
  attempt: () => Errno,
  waiter: Waiter = context.waiter,
): Errno | Promise<Errno> {
  const { clock } = context.platform;
  const deadlineNs = timeoutNs === Infinity ? Infinity : clock.monotonic() + timeoutNs;
  const pollables = [pollable];
  const interests = [interest];
  const step = (): Errno | Promise<Errno> => {
    for (;;) {
      const errno = attempt();
      if (errno !== Errno.AGAIN) return errno;
      const leftNs = deadlineNs === Infinity ? Infinity : deadlineNs - clock.monotonic();
      if (leftNs <= 0) return errno;
      const waited = waitFor(context, pollables, interests, leftNs, waiter);
      if (waited !== undefined) return waited.then(step);
    }
  };
  return step();
}

/** Makes the calls of poll_oneoff of a system, with memory that is used again. */
export class Poller {
  readonly #context: PollContext;
  #spare: Poll | undefined;

  /** @param context The system. */
  constructor(context: PollContext) {
    this.#context = context;
  }

  /**
   * One call of poll_oneoff, from its start to its events.
   *
   * @param subs At least one subscription.
   * @param events Room for as many rows.
   */
  poll(subs: Subscriptions, events: Events): Errno | Promise<Errno> {
    const poll = this.#spare ?? new Poll(this.#context, subs, events);
    this.#spare = undefined;
    const answer = poll.begin(subs, events);
    if (typeof answer === "number") this.#spare = poll;
    return answer;
  }
}

/** A call. One that waits keeps its memory to itself, because another export of the guest may poll in the meantime. */
class Poll {
  readonly #context: PollContext;
  #subs: Subscriptions;
  #events: Events;
  #startNs = 0;
  #nextNs = Infinity;
  /** Time of this look at the subscriptions; the time of day is read when a subscription asks for it. */
  #nowNs = 0;
  #realtimeNs = NaN;
  #needsEventLoop = false;
  /** What is not ready: filled from the front, and cut only before a wait, so that their memory stays. */
  readonly #pollables: Pollable[] = [];
  readonly #interests: number[] = [];
  #waiting = 0;
  /** The group that was asked in this look. */
  #asked: PollGroup | undefined;

  constructor(context: PollContext, subs: Subscriptions, events: Events) {
    this.#context = context;
    this.#subs = subs;
    this.#events = events;
  }

  begin(subs: Subscriptions, events: Events): Errno | Promise<Errno> {
    this.#subs = subs;
    this.#events = events;
    this.#needsEventLoop = false;
    this.#look();
    this.#startNs = this.#nowNs;
    return this.#run(false);
  }

  /** @param turned True once the event loop had a turn in this call. */
  #run(turned: boolean): Errno | Promise<Errno> {
    const { waiter } = this.#context;
    for (;;) {
      const found = this.#collect();
      const starving = !turned && waiter.suspends && this.#needsTurn(found);
      if (found !== Found.NOTHING && !starving) return Errno.SUCCESS;
      const waited = this.#wait(starving ? 0 : this.#nextNs);
      turned = true;
      if (waited !== undefined) return this.#after(waited);
      this.#look();
    }
  }

  #wait(timeoutNs: number): void | Promise<void> {
    this.#pollables.length = this.#waiting;
    this.#interests.length = this.#waiting;
    return waitFor(this.#context, this.#pollables, this.#interests, timeoutNs);
  }

  #after(waited: Promise<void>): Promise<Errno> {
    return waited.then(() => {
      this.#look();
      this.#context.turns.turned(this.#nowNs);
      return this.#run(true);
    });
  }

  /**
   * Whether the event loop is to turn before an answer that is there already: descriptors that only it makes ready would
   * never be so for a guest that polls with a zero timeout, or always finds another one ready.
   */
  #needsTurn(found: Found): boolean {
    if (!this.#needsEventLoop || found === Found.NOTHING) return false;
    return found === Found.CLOCKS || this.#context.turns.isOverdue(this.#nowNs);
  }

  #look(): void {
    this.#nowNs = this.#context.platform.clock.monotonic();
    this.#realtimeNs = NaN;
  }

  #collect(): Found {
    const { count, type } = this.#subs;
    const events = this.#events;
    events.count = 0;
    this.#nextNs = Infinity;
    this.#waiting = 0;
    this.#asked = undefined;
    let clocks = 0;
    for (let i = 0; i < count; i++) {
      if (type[i] !== Eventtype.CLOCK) {
        this.#collectDescriptor(i, type[i]!);
        continue;
      }
      const before = events.count;
      this.#collectClock(i);
      clocks += events.count - before;
    }
    if (events.count === 0) return Found.NOTHING;
    return events.count === clocks ? Found.CLOCKS : Found.DESCRIPTORS;
  }

  #collectClock(i: number): void {
    const leftNs = this.#leftNs(i);
    if (Number.isNaN(leftNs)) this.#report(i, Errno.INVAL, 0, 0);
    else if (leftNs <= 0) this.#report(i, Errno.SUCCESS, 0, 0);
    else if (leftNs < this.#nextNs) this.#nextNs = leftNs;
  }

  /** ns until the clock's time has come; NaN where there is no such clock. */
  #leftNs(i: number): number {
    const { clock } = this.#context.platform;
    const timeoutNs = this.#subs.timeout[i]!;
    const clockid = this.#subs.clockid[i]!;
    const flags = this.#subs.flags[i]!;
    if ((flags & ~Subclockflags.SUBSCRIPTION_CLOCK_ABSTIME) !== 0) return NaN;
    if (clockid !== Clockid.REALTIME && clockid !== Clockid.MONOTONIC) return NaN;
    if (flags === 0) return this.#startNs + timeoutNs - this.#nowNs;
    if (clockid === Clockid.MONOTONIC) return timeoutNs - this.#nowNs;
    if (Number.isNaN(this.#realtimeNs)) this.#realtimeNs = realtimeNs(clock);
    return timeoutNs - this.#realtimeNs;
  }

  #collectDescriptor(i: number, type: number): void {
    if (type > Eventtype.FD_WRITE) return this.#report(i, Errno.INVAL, 0, 0);
    const reading = type === Eventtype.FD_READ;
    const descriptor = this.#context.table.get(this.#subs.fd[i]!);
    if (descriptor === undefined) return this.#report(i, Errno.BADF, 0, 0);
    const right = Rights.POLL_FD_READWRITE | (reading ? Rights.FD_READ : Rights.FD_WRITE);
    if ((descriptor.rightsBase & right) !== right) return this.#report(i, Errno.NOTCAPABLE, 0, 0);
    const { pollable } = descriptor.object;
    if (pollable === undefined) return this.#reportReady(i, descriptor, reading, 0);
    if (pollable.needsEventLoop) this.#needsEventLoop = true;
    if (pollable.group !== undefined && pollable.group !== this.#asked) this.#ask(pollable.group);
    const interest = reading ? Interest.READ : Interest.WRITE;
    const readiness = pollable.readiness(interest);
    if (readiness !== 0) return this.#reportReady(i, descriptor, reading, readiness);
    this.#pollables[this.#waiting] = pollable;
    this.#interests[this.#waiting++] = interest;
  }

  #ask(group: PollGroup): void {
    group.refresh();
    this.#asked = group;
  }

  #reportReady(i: number, descriptor: Descriptor, reading: boolean, readiness: number): void {
    const hangup = (readiness & Readiness.HANGUP) !== 0 ? Eventrwflags.FD_READWRITE_HANGUP : 0;
    this.#report(i, Errno.SUCCESS, reading ? descriptor.object.readableBytes() : 0, hangup);
  }

  #report(i: number, error: Errno, nbytes: number, flags: number): void {
    const events = this.#events;
    const row = events.count++;
    events.index[row] = i;
    events.error[row] = error;
    events.nbytes[row] = nbytes;
    events.flags[row] = flags;
  }
}

const Found = { NOTHING: 0, CLOCKS: 1, DESCRIPTORS: 2 } as const;
type Found = (typeof Found)[keyof typeof Found];
