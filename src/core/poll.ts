/** poll_oneoff: collect what is ready, wait if nothing is, report. */

import { Errno } from "../witx/errno.ts";
import { Clockid, Eventrwflags, Eventtype, Rights, Subclockflags } from "../witx/types.ts";
import { realtimeNs } from "./clock.ts";
import type { Descriptor } from "./descriptor.ts";
import type { FdTable } from "./fd_table.ts";
import { Interest, type Platform, type Pollable, Readiness, type Waiter } from "./platform.ts";
import type { Events, Subscriptions } from "./system.ts";
import type { TurnMeter } from "./turns.ts";

const NO_POLLABLES: readonly Pollable[] = [];
const NO_INTERESTS: readonly number[] = [];

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

/**
 * One call of poll_oneoff, from its start to its events.
 *
 * @param context The system.
 * @param subs At least one subscription.
 * @param events Room for as many rows.
 */
export function poll(context: PollContext, subs: Subscriptions, events: Events): Errno | Promise<Errno> {
  return new Poll(context, subs, events).run(false);
}

class Poll {
  readonly #context: PollContext;
  readonly #subs: Subscriptions;
  readonly #events: Events;
  readonly #startNs: number;
  #nextNs = Infinity;
  /** Time of this look at the subscriptions; the time of day is read when a subscription asks for it. */
  #nowNs: number;
  #realtimeNs: number | undefined;
  #needsEventLoop = false;
  #pollables: Pollable[] | undefined;
  #interests: number[] | undefined;

  constructor(context: PollContext, subs: Subscriptions, events: Events) {
    this.#context = context;
    this.#subs = subs;
    this.#events = events;
    this.#startNs = context.platform.clock.monotonic();
    this.#nowNs = this.#startNs;
  }

  /** @param turned True once the event loop had a turn in this call. */
  run(turned: boolean): Errno | Promise<Errno> {
    const { waiter } = this.#context;
    for (;;) {
      const found = this.#collect();
      const starving = !turned && waiter.suspends && this.#needsTurn(found);
      if (found !== Found.NOTHING && !starving) return Errno.SUCCESS;
      const waited = waitFor(
        this.#context,
        this.#pollables ?? NO_POLLABLES,
        this.#interests ?? NO_INTERESTS,
        starving ? 0 : this.#nextNs,
      );
      turned = true;
      if (waited !== undefined) return waited.then(() => this.#again());
      this.#look();
    }
  }

  /**
   * Whether the event loop is to turn before an answer that is there already: descriptors that only it makes ready would
   * never be so for a guest that polls with a zero timeout, or always finds another one ready.
   */
  #needsTurn(found: Found): boolean {
    if (!this.#needsEventLoop || found === Found.NOTHING) return false;
    return found === Found.CLOCKS || this.#context.turns.isOverdue(this.#nowNs);
  }

  #again(): Errno | Promise<Errno> {
    this.#look();
    this.#context.turns.turned(this.#nowNs);
    return this.run(true);
  }

  #look(): void {
    this.#nowNs = this.#context.platform.clock.monotonic();
    this.#realtimeNs = undefined;
  }

  #collect(): Found {
    const { count, type } = this.#subs;
    const events = this.#events;
    events.count = 0;
    this.#nextNs = Infinity;
    this.#pollables = undefined;
    this.#interests = undefined;
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
    this.#realtimeNs ??= realtimeNs(clock);
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
    const interest = reading ? Interest.READ : Interest.WRITE;
    const readiness = pollable.readiness(interest);
    if (readiness !== 0) return this.#reportReady(i, descriptor, reading, readiness);
    (this.#pollables ??= []).push(pollable);
    (this.#interests ??= []).push(interest);
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
