/** How a guest ends itself. */

/** Thrown when a guest exits by `proc_exit`, with any code. */
export class WasiExit extends Error {
  /** Exit code (u32). */
  readonly code: number;

  /**
   * Creates the error.
   *
   * @param code Exit code (u32).
   */
  constructor(code: number) {
    super(`The guest exited with code ${code}`);
    this.name = "WasiExit";
    this.code = code;
  }
}

/** Thrown when a guest is ended by a signal that it raised. */
export class WasiSignal extends Error {
  /** `Signal` that the guest raised (u8). */
  readonly signal: number;

  /**
   * Creates the error.
   *
   * @param signal `Signal` (u8).
   */
  constructor(signal: number) {
    super(`The guest raised signal ${signal}`);
    this.name = "WasiSignal";
    this.signal = signal;
  }
}
