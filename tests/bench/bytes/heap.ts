/** The heap of the engine, in a process in which nothing is collected unless it is asked for (run.ts). */

import process from "node:process";

/**
 * A function that tells how many bytes are in use, or what was in use and is not collected yet. V8 knows it to the
 * byte; JavaScriptCore has memory in blocks of 16 KiB.
 */
export async function heapCounter(): Promise<() => number> {
  if (process.versions["bun"] !== undefined) return () => process.memoryUsage().heapUsed;
  const { getHeapStatistics } = await import("node:v8") as {
    getHeapStatistics(): { readonly used_heap_size: number };
  };
  return () => getHeapStatistics().used_heap_size;
}

/** Empty V8's young generation, so that it has room for a round. JavaScriptCore takes new blocks when it needs them. */
export function collectGarbage(): void {
  (globalThis as { gc?: () => void }).gc?.();
}
