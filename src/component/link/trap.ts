/** Traps of the component model. */

import { printable } from "../../text/printable.ts";

/**
 * A guest broke a rule of the canonical ABI, or can't go on. It ends the guest, which can't catch it: what the linker puts
 * between a guest and each function that it imports stores the error and leaves by a trap of WebAssembly
 * (RATIONALE "Why does a guest's exit unwind with a trap?").
 */
export class ComponentTrap extends Error {
  /** Always `ComponentTrap`. */
  override readonly name: string = "ComponentTrap";

  /**
   * Make the error.
   *
   * @param message What the guest did, in the words that wasmtime and the reference tests use where they have some.
   */
  constructor(message: string) {
    super(printable(message));
  }
}

/**
 * Trap.
 *
 * @param message As for {@linkcode ComponentTrap}.
 * @throws {ComponentTrap} Always.
 */
export function trap(message: string): never {
  throw new ComponentTrap(message);
}
