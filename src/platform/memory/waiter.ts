/** Waiting by a clock that stands still. */

import type { Pollable, Waiter } from "../../core/platform.ts";
import { afterTurn } from "../../core/waiter.ts";
import type { ManualClock } from "./manual_clock.ts";

/** How long to leave alone what tells nothing (ms); it is no time of the guest's. */
const RETRY_MS = 1;

/**
 * A way to wait: the clock goes on to the deadline, and nobody sleeps.
 *
 * @param clock The clock.
 * @param suspends True for promises, false to block the thread.
 */
export function manualWaiter(clock: ManualClock, suspends: boolean): Waiter {
  if (!suspends) return { suspends, wait: (...args) => waitBlocking(clock, ...args) };
  return { suspends, wait: (...args) => new Promise((resolve) => waitSuspended(clock, resolve, ...args)) };
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
    : "the clock goes on only when it is told to";
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
  // Whoever wakes while it is asked to, does so before the others can be taken back.
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
