/** Runs what waits, once it need not wait any more. */

import type { GuestOutcome } from "../../core/guest/outcome.ts";
import { type Enterable, mayEnterAll } from "../link/call/entering.ts";
import { ComponentTrap, trap } from "../link/trap.ts";
import { HostWaits, type WaitingStore } from "./host_waits.ts";

/** Resumptions after which what the host waits for is polled, although there is more to resume. */
const TURNS_BETWEEN_POLLS = 100;

/** Something that goes on when it need not wait any more. */
export interface Waiting {
  /** The instances that are entered meanwhile. */
  readonly chain: readonly Enterable[];
  /** True once it need not wait any more. */
  readonly isReady: boolean;
  /** True for a stack that is suspended: only the event loop can resume it. */
  readonly isSuspended: boolean;
  /** Go on, until it has to wait again or is over. @returns A promise of that for a stack of its own. */
  resume(): void | Promise<void>;
}

/** A task, as far as it concerns what calls its core function. */
export interface RunningTask {
  /** The core function, or the callback, has returned. */
  finished(core: number | bigint | undefined): void;
  /** Suspend its stack for the wait that was requested last, in a function that lets no other task of its instance run. */
  suspendForHost(): Promise<void>;
}

/** What all instances of a guest share, as far as it concerns the scheduler. */
export interface ScheduledStore extends WaitingStore {
  readonly outcome: GuestOutcome;
  readonly stacks: object | undefined;
  canSuspend: boolean;
  /** End the guest because of an error. */
  failed(error: unknown): unknown;
}

/** A call of the host that is not over. */
interface HostCall {
  readonly isOver: () => boolean;
  readonly resolve: () => void;
}

/**
 * The waiting work of all instances of a guest: one list, served by one wait. Guests that can be suspended are served
 * while the event loop runs (`pump`); all others block the thread (`runUntil`), on top of the stack that waits.
 */
export class Scheduler {
  /** The task whose core function runs; undefined if none runs. */
  current: RunningTask | undefined;
  /** Ends of streams and futures that JavaScript holds: it may use them at any time. */
  externalEnds = 0;
  /** Resolves when the stack that runs is suspended again or over; undefined if none was resumed. */
  turn: Promise<void> | undefined;
  /** What the host is waited for. */
  readonly host: HostWaits;
  readonly #store: ScheduledStore;
  readonly #waiting: Waiting[] = [];
  readonly #calls: Set<HostCall> = new Set();
  #turns = 0;
  #locks = 0;
  #unlocked: Promise<void> | undefined;
  #unlock: (() => void) | undefined;
  #isPumping = false;
  #isAsked = false;

  /** @param store What all instances of the guest share. */
  constructor(store: ScheduledStore) {
    this.#store = store;
    this.host = new HostWaits(store);
    store.outcome.onEnd(() => this.#settleCalls());
  }

  /** True while a task runs, or waits for the host in a function that lets nothing else of its instance run. */
  get isOccupied(): boolean {
    return this.current !== undefined || this.turn !== undefined || this.#locks > 0;
  }

  /** Resolves when that may have changed. */
  change(): Promise<void> {
    return this.turn ?? this.#unlocked ?? Promise.resolve();
  }

  /** A task waits for the host in a function that lets nothing else of its instance run. */
  lock(): void {
    if (++this.#locks === 1) this.#unlocked = new Promise((resolve) => this.#unlock = resolve);
  }

  /** Such a task goes on. */
  unlock(): void {
    if (--this.#locks > 0) return;
    this.#unlock?.();
    this.#unlocked = undefined;
  }

  /** Resume something when it is ready. */
  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  /** Do something between the turns of tasks. */
  soon(run: () => void): void {
    this.add({ chain: [], isReady: true, isSuspended: false, resume: run });
    this.pump();
  }

  /** Do not resume it: something else does. */
  remove(waiting: Waiting): void {
    const index = this.#waiting.indexOf(waiting);
    if (index >= 0) this.#waiting.splice(index, 1);
  }

  /**
   * Run what waits until something is done, blocking the thread.
   *
   * @throws {ComponentTrap} If nothing is left that could bring it about.
   */
  runUntil(isDone: () => boolean): void {
    const store = this.#store;
    const { canSuspend } = store;
    store.canSuspend = false;
    while (!isDone()) {
      const next = this.#take(false);
      if (next !== undefined) {
        void next.resume();
        if (this.#isPollDue()) this.host.poll();
      } else if (this.host.isEmpty) {
        trap(this.#deadlock());
      } else {
        this.host.block();
      }
    }
    store.canSuspend = canSuspend;
  }

  /** Run what waits until a call of the host is over, while the event loop runs. Failures end the guest. */
  async settled(isOver: () => boolean): Promise<void> {
    const { outcome } = this.#store;
    if (!isOver() && !outcome.ended) {
      await new Promise<void>((resolve) => {
        this.#calls.add({ isOver, resolve });
        this.pump();
      });
    }
  }

  /** Make sure that what waits is run while the event loop runs. */
  pump(): void {
    this.#isAsked = true;
    if (this.#isPumping) this.host.wake();
    else if (this.#store.waiter?.mode !== "block" && (this.#waiting.length > 0 || this.#calls.size > 0)) {
      void this.#run();
    }
  }

  async #run(): Promise<void> {
    const store = this.#store;
    const { outcome } = store;
    this.#isPumping = true;
    try {
      // Whoever asks for it may be called by the guest.
      await Promise.resolve();
      do this.#isAsked = false; while (!outcome.ended && ((await this.#step()) || this.#isAsked));
    } catch (error) {
      store.failed(error);
    } finally {
      this.#isPumping = false;
      store.canSuspend = false;
    }
  }

  /** @returns False if nothing is left to do. */
  async #step(): Promise<boolean> {
    const store = this.#store;
    const next = this.#take(true);
    if (next !== undefined) {
      store.canSuspend = store.stacks !== undefined;
      const over = next.resume();
      store.canSuspend = false;
      if (over !== undefined) await this.#during(over);
      if (this.#calls.size > 0) this.#settleCalls();
      if (this.#isPollDue()) await this.host.turn();
      return true;
    }
    this.#settleCalls();
    // A call of another kind runs, and calls `pump` at its end.
    if (this.#waiting.some((each) => each.isReady)) return false;
    if (this.host.isEmpty && this.externalEnds === 0) {
      if (this.#calls.size > 0) store.failed(new ComponentTrap(this.#deadlock()));
      return false;
    }
    await this.host.suspend();
    return true;
  }

  async #during(over: Promise<void>): Promise<void> {
    this.turn = over;
    await over;
    this.turn = undefined;
    this.#store.canSuspend = false;
  }

  #isPollDue(): boolean {
    if (++this.#turns < TURNS_BETWEEN_POLLS) return false;
    this.#turns = 0;
    return true;
  }

  /** The first that is ready and can be resumed. */
  #take(isPump: boolean): Waiting | undefined {
    const waiting = this.#waiting;
    for (let i = 0; i < waiting.length; i++) {
      const each = waiting[i] as Waiting;
      if ((isPump || !each.isSuspended) && mayEnterAll(each.chain) && each.isReady) {
        waiting.splice(i, 1);
        return each;
      }
    }
    return undefined;
  }

  #settleCalls(): void {
    const { ended } = this.#store.outcome;
    for (const call of this.#calls) {
      if (!ended && !call.isOver()) continue;
      this.#calls.delete(call);
      call.resolve();
    }
  }

  #deadlock(): string {
    const isReady = this.#waiting.some((each) => each.isReady);
    const reason = isReady ? ": what could go on needs a stack of its own, which can't be suspended here" : "";
    return `deadlock detected: event loop cannot make further progress${reason}`;
  }
}
