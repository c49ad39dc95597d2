/** Makes stacks of traps readable. The code for it is loaded when a guest has trapped. */

import { printable } from "../../text/printable.ts";
import { TrapError } from "../errors.ts";
import type { ReadModule } from "../module/load.ts";
import { customSection, sectionsOf } from "../module/wasm_reader.ts";

/** Adds names, files and lines to the stack of a `TrapError`, as far as the module has them. */
export type Explain = (error: unknown) => Promise<void>;

/**
 * Explains the traps of a guest. It keeps the bytes of a module only if they contain line numbers.
 *
 * @param loaded The module.
 */
export function explainerOf({ bytes }: ReadModule): Explain {
  const kept = bytes !== undefined && hasLines(bytes) ? bytes : undefined;
  return async (error) => {
    if (!(error instanceof TrapError)) return;
    const { readableFrames } = await import("./symbols/frames.ts");
    (error as { guestStack: readonly string[] }).guestStack = readableFrames(error.guestStack, kept).map(printable);
  };
}

function hasLines(bytes: Uint8Array): boolean {
  try {
    return customSection(bytes, sectionsOf(bytes), ".debug_line") !== undefined;
  } catch {
    return false;
  }
}
