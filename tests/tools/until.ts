/**
 * Waiting for something that a test cannot be told of.
 *
 * @module
 */

import { setTimeout as sleep } from "node:timers/promises";

/** However busy the machine is, it does not take that long. */
const TIMEOUT_MS = 60_000;
const POLL_MS = 5;

/** Waits until `condition` holds, and looks every `pollMs`. @throws {Error} It does not. */
export async function until(condition: () => boolean, pollMs: number = POLL_MS): Promise<void> {
  for (const deadlineMs = performance.now() + TIMEOUT_MS; !condition();) {
    if (performance.now() > deadlineMs) throw new Error(`Not within ${TIMEOUT_MS} ms: ${condition}`);
    await sleep(pollMs);
  }
}
