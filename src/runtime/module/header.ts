/** The header of a binary, which identifies its kind. */

import { ModuleError } from "../errors.ts";

/**
 * Refuse what is not a core module. A binary begins with:
 *
 *     0        4         6       8
 *     | \0asm  | version | layer |
 *
 * Layer 0 is a core module, layer 1 a component.
 *
 * @param bytes The binary.
 * @param label What it is called in messages.
 * @param action What was attempted, for messages.
 * @throws {ModuleError} Saying what it is instead.
 * @throws {TypeError} If it is a component.
 */
export function checkHeader(bytes: Uint8Array, label: string, action: string = "run"): void {
  if (bytes.length === 0) throw new ModuleError(`Cannot ${action} ${label}: the file is empty`);
  const isWasm = bytes[0] === 0 && bytes[1] === 0x61 && bytes[2] === 0x73 && bytes[3] === 0x6d;
  if (!isWasm) {
    throw new ModuleError(
      `Cannot ${action} ${label}: it is not WebAssembly (it does not begin with \\0asm)${guess(bytes)}`,
    );
  }
  if (bytes.length < 8) {
    throw new ModuleError(`Cannot ${action} ${label}: it ends within its header; the file is truncated`);
  }
  if (bytes[6] === 1) {
    throw new TypeError(
      `Cannot run ${label}: it is a component, whose runtime must be loaded first; use run, or pass what ` +
        "compileComponent returned",
    );
  }
}

function guess(bytes: Uint8Array): string {
  const begins = (text: string): boolean => [...text].every((char, i) => bytes[i] === char.charCodeAt(0));
  if (begins("(module") || begins("(component")) return "; it looks like text: assemble it with wat2wasm first";
  if (begins("\x7fELF")) return "; it is a native program: build it for wasip1 (Go: GOOS=wasip1 GOARCH=wasm)";
  if (begins("#!")) return "; it is a script";
  return "";
}
