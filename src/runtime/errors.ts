/** What goes wrong around a guest: before it runs, and when it traps. */

import { makePrintable, printable } from "../text/printable.ts";

/**
 * A module that can't be run: not found, not a module, or in need of what is not there. The message has no control
 * characters, whatever names the module has.
 */
export class ModuleError extends Error {
  /** Always `ModuleError`. */
  override readonly name: string = "ModuleError";

  /**
   * Make the error.
   *
   * @param message What was attempted, and why it can't be done.
   * @param options The error that it comes from.
   */
  constructor(message: string, options?: ErrorOptions) {
    makePrintable(options?.cause);
    super(printable(message), options);
  }
}

/** A directory of the host that can't be mounted. The host's own error is the cause. */
export class MountError extends Error {
  /** Always `MountError`. */
  override readonly name: string = "MountError";
}

/** A guest that was ended because it wrote more than may be kept of its output. */
export class OutputLimitError extends Error {
  /** Always `OutputLimitError`. */
  override readonly name: string = "OutputLimitError";
}

/** A guest that was stopped by a trap. The engine's error is the cause. */
export class TrapError extends Error {
  /** Always `TrapError`. */
  override readonly name: string = "TrapError";
  /**
   * Frames of the guest, innermost first: a function's name from the name section, without control characters, or its
   * index; then, in parentheses, its offset in the module, on V8. From what a promise rejects with, names of Rust are
   * demangled, and on V8 the file and the line stand before the offset where the module has them in DWARF:
   * `app::parse (src/main.rs:7:5, 0x1f3)`.
   */
  readonly guestStack: readonly string[];

  /**
   * Make the error.
   *
   * @param message What happened.
   * @param guestStack Frames, innermost first.
   * @param cause The engine's error.
   */
  constructor(message: string, guestStack: readonly string[], cause: unknown) {
    makePrintable(cause);
    super(printable(message), { cause });
    this.guestStack = guestStack.map(printable);
  }
}
