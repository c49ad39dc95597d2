/** The first eight bytes of a binary, which tell what it is. */

import { InvalidComponentError } from "./invalid_component.ts";
import type { Reader } from "./reader.ts";

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** Version of the binary format of components. */
const COMPONENT_VERSION = 0x0d;
const LAYER_OFFSET = 6;
const LAYERS: readonly ("core module" | "component")[] = ["core module", "component"];

/**
 * What a binary is, by its layer:
 *
 *     0        4         6       8
 *     | \0asm  | version | layer |
 *
 * @returns Undefined if it is not WebAssembly, or of an unknown layer.
 */
export function binaryKind(bytes: Uint8Array): "core module" | "component" | undefined {
  const isWasm = bytes.length >= LAYER_OFFSET + 2 && MAGIC.every((byte, i) => bytes[i] === byte);
  return isWasm && bytes[LAYER_OFFSET + 1] === 0 ? LAYERS[bytes[LAYER_OFFSET] as number] : undefined;
}

/** Read the first eight bytes of a component. @throws {InvalidComponentError} It is something else. */
export function readPreamble(reader: Reader): void {
  const at = reader.offset;
  for (const byte of MAGIC) {
    if (reader.byte("the magic number") !== byte) {
      throw new InvalidComponentError("it does not begin with \\0asm, the magic number of WebAssembly", at);
    }
  }
  const version = reader.byte("the version") + 0x100 * reader.byte("the version");
  const layer = reader.byte("the layer") + 0x100 * reader.byte("the layer");
  if (layer === 0) throw new InvalidComponentError("it is a core module, not a component", at);
  if (layer !== 1) throw new InvalidComponentError(`its layer is ${layer}, not 1`, at);
  if (version === COMPONENT_VERSION) return;
  const advice = version < COMPONENT_VERSION ? "; build it with newer tools" : "";
  throw new InvalidComponentError(
    `its version of the component format is ${version}, and ${COMPONENT_VERSION} is supported${advice}`,
    at,
  );
}
