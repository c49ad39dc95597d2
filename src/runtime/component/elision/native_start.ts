/** The start function of a command. */

/** `(module (import "" "" (func)) (func (export "") (result i32) call 0 i32.const 0))` */
const RUN_MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...[1, 8, 2, 0x60, 0, 0, 0x60, 0, 1, 0x7f],
  ...[2, 5, 1, 0, 0, 0, 0],
  ...[3, 2, 1, 1],
  ...[7, 4, 1, 0, 0, 1],
  ...[10, 8, 1, 6, 0, 0x10, 0, 0x41, 0, 0x0b],
);

/**
 * Make the function `run` of a command from `_start`. It is one of WebAssembly: a frame of JavaScript between the two would
 * keep the guest from being suspended.
 *
 * @param start The start function.
 * @returns Calls it, and returns 0, the result `ok`.
 */
export function nativeStart(start: () => void): () => number {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(RUN_MODULE), { "": { "": start } });
  return instance.exports[""] as () => number;
}
