/** How a guest waits. */

import type { Pollable } from "./pollable.ts";

/**
 * How a guest waits: by blocking the thread, or suspended, by promises, while the event loop runs.
 *
 * This is a choice, made once for each guest. {@linkcode Pollable.needsEventLoop} is a property of one thing that can be
 * waited for: it becomes ready only while the event loop runs.
 */
export type WaitMode = "block" | "suspend";

/** Waits in one {@linkcode WaitMode}: the only call of a platform that waits. */
export interface Waiter {
  /**
   * Wait until one of the pollables may be ready, or the timeout expires. Spurious wake-ups are allowed.
   *
   * @param pollables What to wait for; may be empty.
   * @param interests Bits of `Interest`, one entry for each pollable.
   * @param timeoutNs Timeout; `Infinity` for none.
   * @returns Nothing after it has blocked the thread; a promise, which never rejects, for a guest that is suspended.
   */
  wait(pollables: readonly Pollable[], interests: readonly number[], timeoutNs: number): void | Promise<void>;
}
