/** The waiters that need no more than timers and `Atomics.wait`: for platforms without a poll(2) of their own. */

import type { Pollable, PollGroup, WakeSource } from "../../contract/pollable.ts";
import type { Waiter, WaitMode } from "../../contract/waiter.ts";

/** First and last interval of the retries for pollables that send no notices (ms). */
const FIRST_RETRY_MS = 0.2;
const LAST_RETRY_MS = 10;

/** Longest delay of a timer (ms); a longer wait ends early, as the contract of `Waiter` allows. */
const MAX_DELAY_MS = 2 ** 31 - 1;

/** Call back after one turn of the event loop (RATIONALE "Why is setImmediate looked up at each use?"). */
export function afterTurn(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  if (setImmediate === undefined) setTimeout(callback, 0);
  else setImmediate(callback);
}

/** Waits by promises, while the event loop runs. */
const SUSPENDING_WAITER: Waiter = {
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
    let isSilent = false;
    let subscribed: WakeSource | undefined;
    for (let i = 0; i < pollables.length && !this.#done; i++) {
      const pollable = pollables[i]!;
      if (pollable.source !== undefined) {
        if (pollable.source === subscribed) continue;
        subscribed = pollable.source;
        this.#cancels.push(subscribed.subscribe(() => this.#endSoon()));
        continue;
      }
      const cancel = pollable.subscribe(interests[i]!, wake);
      if (cancel === undefined) isSilent = true;
      else this.#cancels.push(cancel);
    }
    if (this.#done) return this.#cancelAll();
    if (timeoutNs <= 0) return afterTurn(wake);
    const delayMs = Math.min(Math.ceil(timeoutNs / 1e6), MAX_DELAY_MS);
    if (isSilent) return this.#retry(pollables, interests, performance.now() + delayMs, 1);
    if (timeoutNs !== Infinity) this.#timer = setTimeout(wake, delayMs);
  }

  #retry(
    pollables: readonly Pollable[],
    interests: readonly number[],
    deadlineMs: number,
    intervalMs: number,
  ): void {
    if (isAnyReady(pollables, interests) || performance.now() >= deadlineMs) return this.#end();
    this.#timer = setTimeout(
      () => this.#retry(pollables, interests, deadlineMs, Math.min(intervalMs * 2, LAST_RETRY_MS)),
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
class BlockingWaiter implements Waiter {
  /** Nobody ever wakes it. Made by the first wait: not every browser has shared memory. */
  #futex: Int32Array<SharedArrayBuffer> | undefined;

  wait(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void {
    const deadlineMs = performance.now() + timeoutNs / 1e6;
    if (pollables.length === 0) return this.#block(timeoutNs / 1e6);
    let intervalMs = FIRST_RETRY_MS;
    while (!isAnyReady(pollables, interests)) {
      const leftMs = deadlineMs - performance.now();
      if (leftMs <= 0) return;
      this.#block(Math.min(intervalMs, leftMs));
      intervalMs = Math.min(intervalMs * 1.5, LAST_RETRY_MS);
    }
  }

  #block(ms: number): void {
    this.#futex ??= new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(this.#futex, 0, 0, ms);
  }
}

/**
 * The waiter for platforms without one of their own.
 *
 * @param mode How the guest waits.
 */
export function genericWaiter(mode: WaitMode): Waiter {
  return mode === "suspend" ? SUSPENDING_WAITER : new BlockingWaiter();
}

function isAnyReady(pollables: readonly Pollable[], interests: readonly number[]): boolean {
  let refreshed: PollGroup | undefined;
  for (let i = 0; i < pollables.length; i++) {
    const { group } = pollables[i]!;
    if (group !== undefined && group !== refreshed) (refreshed = group).refresh();
    if (pollables[i]!.readiness(interests[i]!) !== 0) return true;
  }
  return false;
}
