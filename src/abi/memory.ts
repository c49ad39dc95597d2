/** The guest's memory, with every access checked. Nothing else in the project touches it. */

import { Errno } from "../witx/errno.ts";
import type { IoVectors } from "../core/system.ts";

/** Pieces that one call may pass, as on Linux (IOV_MAX). */
const MAX_IOVECS = 1024;

/** Bytes that one call may move, as on Linux. */
const MAX_TRANSFER = 2 ** 31 - 1;

/** Bytes of the longest path that is decoded; what is longer is answered with NAMETOOLONG. */
const MAX_PATH_BYTES = 4096;

const decoder: TextDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Views of a memory, made again only when its buffer has changed.
 *
 * A pointer and a length from the guest are always unsigned here (`>>> 0`), and no sum of the two overflows, because
 * numbers hold 53 bits.
 */
export class GuestMemory {
  /** All of memory. Valid until the guest runs again. */
  bytes: Uint8Array = new Uint8Array(0);
  /** All of memory. Valid until the guest runs again. */
  view: DataView = new DataView(new ArrayBuffer(0));
  #buffer: ArrayBufferLike | undefined;
  #memory: WebAssembly.Memory | undefined;
  #end: (() => never) | undefined;

  /** @param memory The memory that the guest exports. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /** Let the next call of the guest throw what `end` throws. */
  interrupt(end: () => never): void {
    this.#end = end;
    this.#buffer = undefined;
  }

  /** Every import calls this first. */
  refresh(): void {
    const memory = this.#memory;
    if (memory === undefined || memory.buffer !== this.#buffer) this.#renew();
  }

  #renew(): void {
    this.#end?.();
    if (this.#memory === undefined) {
      throw new TypeError("Cannot serve the guest: it called an import before its memory was known");
    }
    const { buffer } = this.#memory;
    this.#buffer = buffer;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  /** @returns True if `[ptr, ptr + length)` lies in memory. */
  holds(ptr: number, length: number): boolean {
    return ptr + length <= this.bytes.length;
  }

  /**
   * Read an array of `iovec` or `ciovec`:
   *
   *     0      4          8
   *     | buf  | buf_len  |
   *
   * @param ptr The array.
   * @param count Its length.
   * @param out To be filled.
   * @returns `FAULT` if anything lies outside; `INVAL` for more than 1,024 pieces or 2^31 - 1 bytes.
   */
  readIovecs(ptr: number, count: number, out: IoVectors): Errno {
    if (count > MAX_IOVECS) return Errno.INVAL;
    if (!this.holds(ptr, count * 8)) return Errno.FAULT;
    const { view, bytes } = this;
    let total = 0;
    for (let i = 0; i < count; i++, ptr += 8) {
      const start = view.getUint32(ptr, true);
      const length = view.getUint32(ptr + 4, true);
      if (start + length > bytes.length) return Errno.FAULT;
      out.starts[i] = start;
      out.lengths[i] = length;
      total += length;
    }
    if (total > MAX_TRANSFER) return Errno.INVAL;
    out.bytes = bytes;
    out.count = count;
    return Errno.SUCCESS;
  }

  /**
   * Decode a string.
   *
   * @returns The string, or `FAULT` if it lies outside, `NAMETOOLONG` above 4,096 bytes, `ILSEQ` if it is not UTF-8.
   */
  readString(ptr: number, length: number): string | Errno {
    if (!this.holds(ptr, length)) return Errno.FAULT;
    if (length > MAX_PATH_BYTES) return Errno.NAMETOOLONG;
    const { bytes } = this;
    if (length <= 64) {
      let text = "";
      let i = ptr;
      for (const end = ptr + length; i < end; i++) {
        const byte = bytes[i]!;
        if (byte > 127) break;
        text += String.fromCharCode(byte);
      }
      if (i === ptr + length) return text;
    }
    try {
      return decoder.decode(bytes.slice(ptr, ptr + length));
    } catch {
      return Errno.ILSEQ;
    }
  }

  /** Store a u32. The caller has checked. */
  storeU32(ptr: number, value: number): void {
    this.view.setUint32(ptr, value, true);
  }

  /** Store a u64 below 2^53. The caller has checked. */
  storeSafeU64(ptr: number, value: number): void {
    this.view.setUint32(ptr, value % 2 ** 32, true);
    this.view.setUint32(ptr + 4, value / 2 ** 32, true);
  }
}

/** @returns Room for the pieces of one call. */
export function emptyIoVectors(): IoVectors {
  return {
    bytes: new Uint8Array(0),
    starts: new Uint32Array(MAX_IOVECS),
    lengths: new Uint32Array(MAX_IOVECS),
    count: 0,
  };
}
