/** Limits on what a module declares, checked before an engine allocates it. */

import { ModuleError } from "../errors.ts";
import type { LoadedModule } from "./load.ts";
import type { RunOptions } from "../options/options.ts";

/** The 32-bit address space. */
const DEFAULT_MAX_MEMORY_BYTES: number = 2 ** 32;

/** Programs of C++ with 100 MB of code have some 100,000. An engine takes 24 to 70 bytes for each. */
const DEFAULT_MAX_TABLE_ELEMENTS = 1_000_000;

/**
 * Rejects a module whose initial memories or tables exceed the limits. The contents of a compiled
 * `WebAssembly.Module` are unknown.
 *
 * @throws {ModuleError} Naming the option.
 */
export function checkBounds({ label, types }: Pick<LoadedModule, "label" | "types">, options: RunOptions): void {
  if (types === undefined) return;
  const { maxMemoryBytes = DEFAULT_MAX_MEMORY_BYTES, maxTableElements = DEFAULT_MAX_TABLE_ELEMENTS } = options;
  check(label, types.memoryBytes, "bytes of memory", maxMemoryBytes, "maxMemoryBytes (--max-memory)");
  check(label, types.tableElements, "elements of tables", maxTableElements, "maxTableElements (--max-table-elements)");
}

function check(label: string, declared: number | undefined, what: string, most: number, option: string): void {
  if (declared === undefined) {
    throw new ModuleError(
      `Cannot run ${label}: the ${what} that it declares can't be determined, and ${option} limits them`,
    );
  }
  if (declared > most) {
    throw new ModuleError(
      `Cannot run ${label}: it declares ${declared} ${what}, and ${option} allows ${most}`,
    );
  }
}
