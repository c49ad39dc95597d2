/** How much the engine has allocated. */

import process from "node:process";

/**
 * A function that tells how many bytes have been allocated so far. V8 counts them. JavaScriptCore does not: there it is
 * the memory that it has taken, in blocks of 16 KiB, in a process that must not collect garbage
 * (`BUN_JSC_useGC=0`).
 *
 * @throws {Error} If the engine does not tell.
 */
export async function allocationCounter(): Promise<() => number> {
  if (process.versions["bun"] !== undefined) {
    const { heapStats } = await import("bun:jsc" as string) as { heapStats(): { heapCapacity: number } };
    return () => heapStats().heapCapacity;
  }
  const { getHeapStatistics } = await import("node:v8") as {
    getHeapStatistics(): { readonly total_allocated_bytes?: number };
  };
  if (getHeapStatistics().total_allocated_bytes === undefined) {
    throw new Error("Cannot count what calls allocate: this V8 does not tell; use Node 26 or Deno 2.9, or later");
  }
  return () => getHeapStatistics().total_allocated_bytes!;
}
