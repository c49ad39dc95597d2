/** `descriptor.read`, lowered by hand. */

import type { CallContext } from "../../../component/abi/context.ts";
import type { HostFunction } from "../../../component/link/function.ts";
import type { Descriptor } from "./descriptor.ts";
import type { FilesystemTypes } from "./filesystem_types.ts";
import { offsetOf, READ_RESULT, resultAt, storeErr, storeOk } from "./results.ts";
import { methodText } from "./texts.ts";

/** Bytes that one call reads at most. */
const MAX_READ = 1024 * 1024;

/** Up to so many bytes are read into a buffer of the host and copied one by one, which costs less than fstat(2). */
const MAX_SMALL_READ = 256;

/**
 * The function.
 *
 * A guest frees a list by its length: it would lose what was allocated for bytes that are not there, at each end of a file
 * for example. So the size of the file limits what is allocated, and then the bytes are read into their place.
 */
export function readFunction({ descriptor }: FilesystemTypes): HostFunction {
  const small = new SmallReads();
  return {
    type: methodText(", length: u64, offset: u64", "tuple<list<u8>, bool>"),
    takesFloats: true,
    lower: (cx) => (self: number, length: number, offset: number, result: number): void => {
      cx.enter();
      const at = resultAt(cx, result, READ_RESULT);
      const file = cx.handle(self, descriptor);
      const start = offsetOf(offset);
      const wanted = length < 0 || length > MAX_READ ? MAX_READ : length;
      if (wanted <= MAX_SMALL_READ || start < 0) small.read(cx, at, file, start, Math.min(wanted, MAX_SMALL_READ));
      else readInPlace(cx, at, file, start, wanted);
    },
  };
}

/** Reads by way of a buffer of the host. */
class SmallReads {
  readonly #buffer: Uint8Array = new Uint8Array(MAX_SMALL_READ);

  read(cx: CallContext, at: number, file: Descriptor, offset: number, wanted: number): void {
    const buffer = this.#buffer;
    const count = file.read(buffer, 0, wanted, offset);
    if (count < 0) return storeErr(cx, at, READ_RESULT, count);
    const pointer = cx.realloc(1, count);
    const { bytes } = cx;
    for (let i = 0; i < count; i++) bytes[pointer + i] = buffer[i]!;
    storeRead(cx, at, pointer, count, wanted);
  }
}

function readInPlace(cx: CallContext, at: number, file: Descriptor, offset: number, wanted: number): void {
  const left = file.bytesFrom(offset);
  const length = left < 0 ? 0 : Math.min(wanted, left);
  const pointer = cx.realloc(1, length);
  const count = file.read(cx.bytes, pointer, length, offset);
  if (count < 0) storeErr(cx, at, READ_RESULT, count);
  else storeRead(cx, at, pointer, count, wanted);
}

/** Nothing, where something was requested, is the end of the file. */
function storeRead(cx: CallContext, at: number, pointer: number, count: number, wanted: number): void {
  const payload = storeOk(cx, at, READ_RESULT);
  cx.view.setUint32(payload, pointer, true);
  cx.view.setUint32(payload + 4, count, true);
  cx.bytes[payload + 8] = count === 0 && wanted > 0 ? 1 : 0;
}
