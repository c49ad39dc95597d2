/** The waits of one guest: interruptible, fair to the event loop, blocking or suspended. */

import type { Platform, PlatformClock } from "../../contract/platform.ts";
import { Interest, type Pollable } from "../../contract/pollable.ts";
import type { Waiter, WaitMode } from "../../contract/waiter.ts";
import { Errno } from "../../witx/errno.ts";
import { EventLoopFairness } from "./event_loop_fairness.ts";
import type { Interrupt } from "./interrupt.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import { PARK_NS } from "./spin_detector.ts";
import type { StackState } from "./stack_state.ts";
import { genericWaiter } from "./waiter.ts";

/** Output that is queued: `PendingOutput`. */
interface BackgroundOutput {
  readonly isEmpty: boolean;
  appendTo(pollables: Pollable[], interests: number[]): void;
  drain(): void;
}

/** Waits for one guest. Each call throws what the interrupt throws once it was raised. */
export class GuestWaiter {
  /** How the guest waits. */
  readonly mode: WaitMode;
  /** The clocks of the platform. */
  readonly clock: PlatformClock;
  /** Fairness to the event loop. */
  readonly fairness: EventLoopFairness;
  /** Ends the waits of the guest, if something may. */
  readonly interrupt: Interrupt | undefined;
  readonly #waiter: Waiter;
  readonly #blockingWaiter: Waiter;
  #stack: StackState | undefined;
  #output: BackgroundOutput | undefined;

  /**
   * @param platform Has the clocks, and may have a waiter of its own.
   * @param mode How the guest waits.
   * @param interrupt Ends its waits.
   */
  constructor(platform: Pick<Platform, "clock" | "waiter">, mode: WaitMode, interrupt?: Interrupt) {
    this.mode = mode;
    this.clock = platform.clock;
    this.fairness = new EventLoopFairness(platform.clock.monotonic());
    this.interrupt = interrupt;
    this.#waiter = platform.waiter?.(mode) ?? genericWaiter(mode);
    this.#blockingWaiter = mode === "block" ? this.#waiter : platform.waiter?.("block") ?? genericWaiter("block");
  }

  /** @param stack Tells whether the guest is called so that it can't be suspended. */
  follow(stack: StackState): void {
    this.#stack = stack;
  }

  /** @param output What is written while the guest waits, whatever it waits for. */
  writeMeanwhile(output: BackgroundOutput): void {
    this.#output = output;
  }

  /** True if the guest may be suspended now. */
  get canSuspend(): boolean {
    return this.mode === "suspend" && this.#stack?.isNested !== true;
  }

  /**
   * Wait until one of the pollables may be ready, or the timeout expires.
   *
   * @param pollables What to wait for.
   * @param interests Bits of `Interest`, one entry for each pollable.
   * @param timeoutNs Timeout; `Infinity` for none.
   * @param mode `"block"` to block the thread even if the guest is suspended otherwise.
   */
  wait(
    pollables: readonly Pollable[],
    interests: readonly number[],
    timeoutNs: number,
    mode: WaitMode = this.mode,
  ): void | Promise<void> {
    const { interrupt } = this;
    if (interrupt === undefined) return this.waitPrepared(pollables, interests, timeoutNs, mode)?.then(this.#resumed);
    const waited = this.waitPrepared([...pollables, interrupt], [...interests, Interest.READ], timeoutNs, mode);
    return waited === undefined ? interrupt.check() : waited.then(this.#resumed);
  }

  /**
   * As {@linkcode wait}, for a caller that has put the interrupt on the list, and calls {@linkcode resume} after a promise
   * has resolved. A guest that can't be suspended now blocks the thread, unless it waits for the event loop.
   */
  waitPrepared(
    pollables: readonly Pollable[],
    interests: readonly number[],
    timeoutNs: number,
    mode: WaitMode,
  ): void | Promise<void> {
    const isNested = this.#stack?.isNested === true && this.#mayBlock(pollables, timeoutNs);
    const waiter = mode === "block" || isNested ? this.#blockingWaiter : this.#waiter;
    const output = this.#output;
    if (output === undefined || output.isEmpty || isNested) return waiter.wait(pollables, interests, timeoutNs);
    const all = [...pollables];
    const allInterests = [...interests];
    output.appendTo(all, allInterests);
    const waited = waiter.wait(all, allInterests, timeoutNs);
    return waited === undefined ? output.drain() : waited.then(() => output.drain());
  }

  #mayBlock(pollables: readonly Pollable[], timeoutNs: number): boolean {
    return timeoutNs === 0 || pollables.every((each) => each === this.interrupt || !each.needsEventLoop);
  }

  /** The guest goes on after it was suspended. @returns Monotonic time (ns). @throws What the interrupt throws. */
  resume(): number {
    this.interrupt?.check();
    const nowNs = this.clock.monotonic();
    this.fairness.turned(nowNs);
    return nowNs;
  }

  readonly #resumed = (): void => void this.resume();

  /**
   * Wait once for one pollable, without a timeout.
   *
   * @returns `SUCCESS`: it may be ready.
   */
  waitForOne(pollable: Pollable, interest: number, mode: WaitMode = this.mode): MaybePromise {
    return succeeded(this.wait([pollable], [interest], Infinity, mode));
  }

  /**
   * Repeats an attempt, with a wait in between, while it returns `AGAIN`.
   *
   * @param pollable What to wait for.
   * @param interest Bits of `Interest`.
   * @param timeoutNs Timeout, after which the result is `AGAIN`; `Infinity` for none.
   * @param attempt Answers at once.
   * @param mode `"block"` to block the thread even if the guest is suspended otherwise.
   */
  retry(
    pollable: Pollable,
    interest: number,
    timeoutNs: number,
    attempt: () => Errno,
    mode: WaitMode = this.mode,
  ): MaybePromise {
    const deadlineNs = timeoutNs === Infinity ? Infinity : this.clock.monotonic() + timeoutNs;
    const pollables = [pollable];
    const interests = [interest];
    const step = (): MaybePromise => {
      for (;;) {
        const errno = attempt();
        if (errno !== Errno.AGAIN) return errno;
        const leftNs = deadlineNs === Infinity ? Infinity : deadlineNs - this.clock.monotonic();
        if (leftNs <= 0) return errno;
        const waited = this.wait(pollables, interests, leftNs, mode);
        if (waited !== undefined) return waited.then(step);
      }
    };
    return step();
  }

  /**
   * A non-blocking call found nothing; what the guest asks for may come with the next turn of the event loop.
   *
   * @returns `AGAIN`, or `SUCCESS` after the event loop has had a turn: the call should be made once more.
   */
  foundNothing(): MaybePromise {
    if (!this.canSuspend || !this.fairness.isStarving(this.clock.monotonic())) return Errno.AGAIN;
    return succeeded(this.wait([], [], 0));
  }

  /** The guest only yields: park it if it spins. @returns `SUCCESS`. */
  yielded(): MaybePromise {
    if (!this.fairness.isSpinning(this.clock.monotonic())) return Errno.SUCCESS;
    return succeeded(this.wait([], [], PARK_NS));
  }
}

function succeeded(waited: void | Promise<void>): MaybePromise {
  return waited === undefined ? Errno.SUCCESS : waited.then(() => Errno.SUCCESS);
}
