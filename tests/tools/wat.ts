/**
 * WebAssembly text to bytes.
 *
 * @module
 */

import wabt from "wabt";

const { parseWat } = await wabt();

/**
 * Assemble a module.
 *
 * @param name What error messages call it.
 * @param text The module in the text format.
 * @returns Its bytes, with a name section.
 * @throws {Error} The text is wrong; the message has the line and column.
 */
export function assemble(name: string, text: string): Uint8Array<ArrayBuffer> {
  return toBinary(name, text, true);
}

/** As {@linkcode assemble}, without a name section. */
export function assembleBare(name: string, text: string): Uint8Array<ArrayBuffer> {
  return toBinary(name, text, false);
}

function toBinary(name: string, text: string, writesNames: boolean): Uint8Array<ArrayBuffer> {
  const module = parseWat(name, text, { exceptions: true });
  try {
    module.validate();
    return new Uint8Array(module.toBinary({ write_debug_names: writesNames }).buffer);
  } finally {
    module.destroy();
  }
}
