/** Turns of the event loop. */

/** Call back after one turn. `setImmediate` is looked up late: naming it makes Deno load 5 ms of code. */
export function afterTurn(callback: () => void): void {
  const { setImmediate } = globalThis as { setImmediate?: (callback: () => void) => void };
  if (setImmediate === undefined) setTimeout(callback, 0);
  else setImmediate(callback);
}
