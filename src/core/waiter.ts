/** The two ways to wait that need nothing but the web's own clocks: for platforms without a poll(2) of their own. */

import type { Pollable, Waiter, WakeSource } from "./platform.ts";
import type { PollGroup } from "./pollable.ts";

/** First and last interval of trying again, for pollables that nothing tells about (ms). */
const FIRST_RETRY_MS = 0.2;
const LAST_RETRY_MS = 10;

/** Longest delay that timers take (ms); a longer wait ends early, as the contract of `Waiter` allows. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Call back after one turn of the event loop. `setImmediate` is looked up late: naming it makes Deno load 5 ms of code. */
export function afterTurn(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  if (setImmediate === undefined) setTimeout(callback, 0);
  else setImmediate(callback);
}

/** Waits by promises: the event loop goes on. */
export const SUSPENDING_WAITER: Waiter = {
  suspends: true,
  wait(pollables, interests, timeoutNs): Promise<void> {
    return new Promise((resolve) => {
      new SuspendedWait(resolve).begin(pollables, interests, timeoutNs);
    });
  },
};

class SuspendedWait {
  readonly #resolve: () => void;
  readonly #cancels: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #done = false;
  #ending = false;

  constructor(resolve: () => void) {
    this.#resolve = resolve;
  }

  begin(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void {
    const wake = (): void => this.#end();
    let silent = false;
    let asked: WakeSource | undefined;
    for (let i = 0; i < pollables.length && !this.#done; i++) {
      const pollable = pollables[i]!;
      if (pollable.source !== undefined) {
        if (pollable.source === asked) continue;
        asked = pollable.source;
        this.#cancels.push(asked.subscribe(() => this.#endSoon()));
        continue;
      }
      const cancel = pollable.subscribe(interests[i]!, wake);
      if (cancel === undefined) silent = true;
      else this.#cancels.push(cancel);
    }
    if (this.#done) return this.#cancelAll();
    if (timeoutNs <= 0) return afterTurn(wake);
    const delayMs = Math.min(Math.ceil(timeoutNs / 1e6), MAX_DELAY_MS);
    if (silent) return this.#tryAgain(pollables, interests, performance.now() + delayMs, 1);
    if (timeoutNs !== Infinity) this.#timer = setTimeout(wake, delayMs);
  }

  #tryAgain(
    pollables: readonly Pollable[],
    interests: readonly number[],
    deadlineMs: number,
    intervalMs: number,
  ): void {
    if (isAnyReady(pollables, interests) || performance.now() >= deadlineMs) return this.#end();
    this.#timer = setTimeout(
      () => this.#tryAgain(pollables, interests, deadlineMs, Math.min(intervalMs * 2, LAST_RETRY_MS)),
      Math.min(intervalMs, Math.max(deadlineMs - performance.now(), 0)),
    );
  }

  #endSoon(): void {
    if (this.#ending) return;
    this.#ending = true;
    afterTurn(() => this.#end());
  }

  #end(): void {
    if (this.#done) return;
    this.#done = true;
    this.#cancelAll();
    this.#resolve();
  }

  #cancelAll(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    for (const cancel of this.#cancels) cancel();
  }
}

/** Waits by blocking the thread. */
export const BLOCKING_WAITER: Waiter = {
  suspends: false,
  wait(pollables, interests, timeoutNs): void {
    const deadlineMs = performance.now() + timeoutNs / 1e6;
    if (pollables.length === 0) return block(timeoutNs / 1e6);
    let intervalMs = FIRST_RETRY_MS;
    while (!isAnyReady(pollables, interests)) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return;
      block(Math.min(intervalMs, leftMs));
      intervalMs = Math.min(intervalMs * 1.5, LAST_RETRY_MS);
    }
  },
};

/**
 * The waiter for a way to wait.
 *
 * @param suspends True for promises, false to block the thread.
 */
export function genericWaiter(suspends: boolean): Waiter {
  return suspends ? SUSPENDING_WAITER : BLOCKING_WAITER;
}

function isAnyReady(pollables: readonly Pollable[], interests: readonly number[]): boolean {
  let asked: PollGroup | undefined;
  for (let i = 0; i < pollables.length; i++) {
    const { group } = pollables[i]!;
    if (group !== undefined && group !== asked) (asked = group).refresh();
    if (pollables[i]!.readiness(interests[i]!) !== 0) return true;
  }
  return false;
}

let futex: Int32Array<SharedArrayBuffer> | undefined;

function block(ms: number): void {
  futex ??= new Int32Array(new SharedArrayBuffer(4));
  Atomics.wait(futex, 0, 0, ms);
}
