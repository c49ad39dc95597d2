/** Waiting by a manual clock. */

import type { Pollable, Waiter, WaitMode } from "../../contract/platform.ts";
import { afterTurn } from "../../core/io/waiter.ts";
import type { ManualClock } from "./manual_clock.ts";

/** Interval of the retries for pollables that send no notices (ms of real time). */
const RETRY_MS = 1;

/**
 * A waiter that advances the clock to the deadline in place of sleeping.
 *
 * @param clock The clock.
 * @param mode How the guest waits.
 */
export function manualWaiter(clock: ManualClock, mode: WaitMode): Waiter {
  if (mode === "block") return { wait: (...args) => waitBlocking(clock, ...args) };
  return { wait: (...args) => new Promise((resolve) => waitSuspended(clock, resolve, ...args)) };
}

/** @throws {Error} If nothing can end the wait. */
function waitBlocking(
  clock: ManualClock,
  pollables: readonly Pollable[],
  interests: readonly number[],
  timeoutNs: number,
): void {
  if (isAnyReady(pollables, interests)) return;
  const deadlineNs = clock.deadlineAfter(timeoutNs);
  if (clock.autoAdvance && deadlineNs !== Infinity) return clock.advanceTo(deadlineNs);
  if (timeoutNs <= 0) return;
  if (pollables.some(({ needsEventLoop }) => !needsEventLoop)) return block();
  const reason = deadlineNs === Infinity
    ? "there is no deadline that its clock can reach"
    : "the clock advances only when advance() is called";
  throw new Error(`Deadlock: the guest waits, ${reason}, and nothing else can wake it while the thread is blocked`);
}

function block(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
}

function waitSuspended(
  clock: ManualClock,
  resolve: () => void,
  pollables: readonly Pollable[],
  interests: readonly number[],
  timeoutNs: number,
): void {
  const cancels: (() => void)[] = [];
  let isOver = false;
  const wake = (): void => {
    isOver = true;
    for (const cancel of cancels.splice(0)) cancel();
    resolve();
  };
  const deadlineNs = clock.deadlineAfter(timeoutNs);
  for (let i = 0; i < pollables.length; i++) {
    cancels.push(pollables[i]!.subscribe(interests[i]!, wake) ?? wakeLater(wake));
  }
  if (timeoutNs <= 0) afterTurn(wake);
  else if (deadlineNs !== Infinity) cancels.push(clock.sleep(deadlineNs, wake));
  // A pollable may wake while it is subscribed to, before the others can be cancelled.
  if (isOver || isAnyReady(pollables, interests)) wake();
}

function wakeLater(wake: () => void): () => void {
  const timer = setTimeout(wake, RETRY_MS);
  return () => clearTimeout(timer);
}

function isAnyReady(pollables: readonly Pollable[], interests: readonly number[]): boolean {
  for (let i = 0; i < pollables.length; i++) {
    if (pollables[i]!.readiness(interests[i]!) !== 0) return true;
  }
  return false;
}
