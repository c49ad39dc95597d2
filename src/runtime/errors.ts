/** What goes wrong around a guest: before it runs, and when it traps. */

/** A module that can't be run: not found, not a module, or in need of what is not there. */
export class ModuleError extends Error {
  override readonly name: string = "ModuleError";
}

/** A guest that was stopped by a trap. The engine's error is the cause. */
export class TrapError extends Error {
  override readonly name: string = "TrapError";
  /** Frames of the guest, innermost first: a function's name from the name section, or its index. */
  readonly guestStack: readonly string[];

  /**
   * @param message What happened.
   * @param guestStack Frames, innermost first.
   * @param cause The engine's error.
   */
  constructor(message: string, guestStack: readonly string[], cause: unknown) {
    super(message, { cause });
    this.guestStack = guestStack;
  }
}
