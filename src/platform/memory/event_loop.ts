/** Turns of the event loop. */

/** Call back after the event loop had a turn: by `setImmediate` where there is one, for timers take a millisecond. */
export const afterTurn: (callback: () => void) => void =
  (globalThis as { setImmediate?: (callback: () => void) => void }).setImmediate ??
    ((callback) => setTimeout(callback, 0));
