/** The memory that a guest exports. */

import { type LoadedModule, wideMemory } from "../module/load.ts";

/** @throws {TypeError} If the guest is not instantiated yet. */
export function exportedMemory(exports: WebAssembly.Exports): WebAssembly.Memory {
  const memory = exports["memory"];
  if (memory instanceof WebAssembly.Memory) return memory;
  throw new TypeError("Cannot reach the guest's memory before the guest is instantiated");
}

/** The memory of a guest with 32-bit addresses. @throws {ModuleError} If they have 64 bits. */
export function narrowMemory({ label, types }: LoadedModule, exports: WebAssembly.Exports): WebAssembly.Memory {
  const memory = exportedMemory(exports);
  if (types?.hasWideMemory === undefined && isWide(memory)) throw wideMemory(label);
  return memory;
}

/** A compiled module does not expose the width of its memory. No memory grows by this much, and one with 64-bit addresses takes a bigint. */
function isWide(memory: WebAssembly.Memory): boolean {
  try {
    memory.grow(0xffffffff);
  } catch (error) {
    return error instanceof TypeError;
  }
  return false;
}
