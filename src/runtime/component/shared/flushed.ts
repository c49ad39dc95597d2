/** Writes what a guest leaves queued. */

import { Interrupt } from "../../../core/io/interrupt.ts";
import type { WebAbortSignal } from "../../../contract/web_types.ts";
import type { WasiInterfaces } from "../../../wasi/registry.ts";

/**
 * Write what the guest has written and is still queued: to be called once it has ended by itself, or has failed.
 *
 * @param interfaces Of the guest.
 * @param signal The caller's, which ends the wait.
 * @returns A promise where the guest is suspended and something is queued.
 * @throws The reason of the signal, once that is aborted.
 */
export function flushed(interfaces: WasiInterfaces, signal: WebAbortSignal | undefined): void | Promise<void> {
  if (signal === undefined) return interfaces.flushed();
  signal.throwIfAborted();
  const abort = new Interrupt();
  const raise = (): void => abort.raise(signal.reason);
  signal.addEventListener("abort", raise, { once: true });
  return Promise.resolve(interfaces.flushed(abort)).finally(() => signal.removeEventListener("abort", raise));
}

/** As {@linkcode flushed}, for a guest whose end is known. Never rejects: nobody reads the output, or the signal was aborted. */
export async function flushedIfPossible(flush: () => void | Promise<void>): Promise<void> {
  try {
    await flush();
  } catch {
    // The guest has ended for another reason.
  }
}
