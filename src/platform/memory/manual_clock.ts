/** Clocks that stand still until they are advanced. */

import { Errno } from "../../witx/errno.ts";
import type { PlatformClock } from "../../contract/platform.ts";
import { afterTurn } from "../../core/io/waiter.ts";

/** Monotonic times stay below this (104 days). */
const END_OF_TIME = 2 ** 53;

const WORD = 2 ** 32;

/** Options of {@linkcode ManualClock}. */
export interface ManualClockOptions {
  /** Time of day at the start, in ns since 1970. Default: the beginning of 2020. */
  readonly realtimeNs?: bigint;
  /** Monotonic time at the start, in ns. Default: one second; Go's runtime takes 0 for a broken clock. */
  readonly monotonicNs?: number;
  /** How far each reading moves the clock, in ns, for guests that wait in a loop of their own. Default: 0. */
  readonly tickNs?: number;
  /**
   * True to go on to the next deadline when every guest waits, so that sleeping takes no time. False to go on by
   * {@linkcode ManualClock.advance} alone. Default: true.
   */
  readonly autoAdvance?: boolean;
}

/** Who is to be called at a monotonic time. */
interface Sleeper {
  readonly deadlineNs: number;
  readonly wake: () => void;
}

/**
 * A clock for tests: every run reads the same times.
 *
 * @example Go on by a minute
 * ```ts
 * import { ManualClock, memoryPlatform } from "wasirun/memory";
 * import assert from "node:assert/strict";
 *
 * const clock = new ManualClock({ monotonicNs: 5 });
 * const platform = memoryPlatform({ clock });
 * clock.advance(60e9);
 * assert.equal(platform.clock.monotonic(), 60e9 + 5);
 * ```
 */
export class ManualClock implements PlatformClock {
  /** True if waiting moves the clock. */
  readonly autoAdvance: boolean;
  readonly #startNs: number;
  readonly #startLow: number;
  readonly #startHigh: number;
  readonly #tickNs: number;
  readonly #sleepers: Set<Sleeper> = new Set();
  #nowNs: number;
  #turn = 0;

  /**
   * Make a clock.
   *
   * @param options Where it starts and how it goes on.
   * @throws {RangeError} If a time is negative or too large.
   */
  constructor(options: ManualClockOptions = {}) {
    const { realtimeNs = 1_577_836_800_000_000_000n, monotonicNs = 1e9, tickNs = 0, autoAdvance = true } = options;
    if (realtimeNs < 0n || realtimeNs >= 2n ** 64n) {
      throw new RangeError(`Cannot start a clock at ${realtimeNs} ns: a time of day has 64 bits`);
    }
    checkNs("start a clock at", monotonicNs);
    checkNs("let a clock tick by", tickNs);
    this.autoAdvance = autoAdvance;
    this.#startNs = monotonicNs;
    this.#startLow = Number(realtimeNs & 0xffff_ffffn);
    this.#startHigh = Number(realtimeNs >> 32n);
    this.#tickNs = tickNs;
    this.#nowNs = monotonicNs;
  }

  /**
   * Go on, and wake whoever waits for a time that has come.
   *
   * @param ns How far.
   * @throws {RangeError} If it is no whole number, negative, or the clock would pass 2^53 ns.
   */
  advance(ns: number): void {
    checkNs("advance a clock by", ns);
    checkNs("advance a clock to", this.#nowNs + ns);
    this.#nowNs += ns;
    for (const sleeper of [...this.#sleepers]) {
      if (sleeper.deadlineNs <= this.#nowNs && this.#sleepers.has(sleeper)) sleeper.wake();
    }
  }

  realtime(out: Uint32Array): void {
    const low = this.#startLow + this.#read() - this.#startNs;
    out[0] = low % WORD;
    out[1] = this.#startHigh + Math.floor(low / WORD);
  }

  monotonic(): number {
    return this.#read();
  }

  #read(): number {
    const ns = this.#nowNs;
    if (this.#tickNs > 0) this.advance(this.#tickNs);
    return ns;
  }

  /** There is no processor time to measure. */
  cputime(): number {
    return -Errno.NOTSUP;
  }

  resolution(): number {
    return Math.max(this.#tickNs, 1);
  }

  /**
   * When a wait that starts now is over.
   *
   * @param timeoutNs How long it is.
   * @returns Monotonic time in ns, or `Infinity` if this clock never gets there.
   */
  deadlineAfter(timeoutNs: number): number {
    const deadlineNs = this.#nowNs + Math.ceil(timeoutNs);
    return deadlineNs < END_OF_TIME ? deadlineNs : Infinity;
  }

  /** Go on to a deadline, if it is not over. */
  advanceTo(deadlineNs: number): void {
    if (deadlineNs > this.#nowNs) this.advance(deadlineNs - this.#nowNs);
  }

  /**
   * Ask to be called at a monotonic time.
   *
   * @param deadlineNs When.
   * @param wake Called once the time has come, unless it was taken back.
   * @returns A function that takes the request back.
   */
  sleep(deadlineNs: number, wake: () => void): () => void {
    const sleeper = { deadlineNs, wake };
    this.#sleepers.add(sleeper);
    if (this.autoAdvance) this.#leapAfterTurn();
    return () => void this.#sleepers.delete(sleeper);
  }

  /** Once everybody who is not asleep had a turn of the event loop, go on to the next deadline. */
  #leapAfterTurn(): void {
    const turn = ++this.#turn;
    // Two turns: the first may have begun before those who were woken last could put anything into it.
    afterTurn(() =>
      afterTurn(() => {
        if (turn === this.#turn) this.#leap();
      })
    );
  }

  #leap(): void {
    let nextNs = Infinity;
    for (const { deadlineNs } of this.#sleepers) nextNs = Math.min(nextNs, deadlineNs);
    if (nextNs === Infinity) return;
    this.advanceTo(nextNs);
    if (this.#sleepers.size > 0) this.#leapAfterTurn();
  }
}

function checkNs(action: string, ns: number): void {
  if (!Number.isSafeInteger(ns) || ns < 0) {
    throw new RangeError(`Cannot ${action} ${ns} ns: it must be a whole number from 0 to 2^53 - 1`);
  }
}
