/** The guest's memory, with every access checked. Nothing else in the project touches it. */

import { Errno } from "../../witx/errno.ts";
import { textOfBytes } from "../../text/byte_text.ts";
import type { IoVectors } from "../../contract/vectors.ts";
import { GuestOutcome } from "../../core/guest/outcome.ts";
import { type Nothing, reserveStack } from "../../core/guest/stack_reserve.ts";

/** Maximum number of vectors in one call, as on Linux (IOV_MAX). */
const MAX_IOVECS = 1024;

/** Maximum number of bytes in one call, as on Linux (MAX_RW_COUNT). */
const MAX_TRANSFER = 0x7fff_f000;

/** Bytes of the longest path; a longer one is `NAMETOOLONG`. */
const MAX_PATH_BYTES = 4096;

const decoder: TextDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An import was called during the start section, before JavaScript has the guest's memory. */
export class UnknownMemoryError extends Error {
  constructor() {
    super(
      "its start section calls an import that needs its memory, which a compiled module does not hand out before; " +
        "pass the bytes, the path or the URL of the module in place of a WebAssembly.Module",
    );
  }
}

/**
 * Views of the guest's memory, made again only when its buffer has changed.
 *
 * Pointers and lengths are unsigned, and their sums do not overflow, because numbers hold 53 bits.
 */
export class GuestMemory {
  /** All of memory. Valid until the guest runs again. */
  bytes: Uint8Array = new Uint8Array(0);
  /** All of memory. Valid until the guest runs again. */
  view: DataView = new DataView(new ArrayBuffer(0));
  /** How the guest ended, once it has. */
  readonly outcome: GuestOutcome;
  #memory: WebAssembly.Memory | undefined;
  readonly #nothing: Nothing = undefined;

  /** @param outcome How the guest ended, once it has. */
  constructor(outcome: GuestOutcome = new GuestOutcome()) {
    this.outcome = outcome;
  }

  /** @param memory The memory that the guest exports. */
  attach(memory: WebAssembly.Memory): void {
    this.#memory = memory;
  }

  /**
   * Make the views again if memory has grown. Every import that uses memory calls this first, and again after it has
   * waited. Leaves the guest if it has ended.
   *
   * @throws {RangeError} If the stack has no room for the call.
   */
  refresh(): void {
    reserveStack(this.#nothing);
    this.update();
  }

  /** As {@linkcode GuestMemory.refresh} without the check of the stack, for calls that need little of it. */
  update(): void {
    const memory = this.#memory;
    if (memory === undefined || memory.buffer !== this.outcome.buffer) this.#renew();
  }

  #renew(): void {
    this.outcome.check();
    if (this.#memory === undefined) throw new UnknownMemoryError();
    const { buffer } = this.#memory;
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.outcome.buffer = buffer;
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
   * Vectors beyond the limits of one call are left out, unread, which makes the transfer a short one.
   *
   * @param ptr The array.
   * @param count Its length.
   * @param out Filled with the vectors.
   * @returns `FAULT` if one of them lies outside memory.
   */
  readIovecs(ptr: number, count: number, out: IoVectors): Errno {
    const most = count > MAX_IOVECS ? MAX_IOVECS : count;
    if (!this.holds(ptr, most * 8)) return Errno.FAULT;
    const { view, bytes } = this;
    let left = MAX_TRANSFER;
    let taken = 0;
    while (taken < most && left > 0) {
      const start = view.getUint32(ptr, true);
      const length = Math.min(view.getUint32(ptr + 4, true), left);
      if (start + length > bytes.length) return Errno.FAULT;
      out.starts[taken] = start;
      out.lengths[taken] = length;
      left -= length;
      ptr += 8;
      taken++;
    }
    out.bytes = bytes;
    out.count = taken;
    out.isCut = count > MAX_IOVECS;
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

  /**
   * Decode a path.
   *
   * @returns The text of its bytes (`textOfBytes`), or `FAULT` or `NAMETOOLONG` as {@linkcode readString}.
   */
  readPath(ptr: number, length: number): string | Errno {
    const text = this.readString(ptr, length);
    return text === Errno.ILSEQ ? textOfBytes(this.bytes.slice(ptr, ptr + length)) : text;
  }

  /** Store a u32. The caller has checked the range. */
  storeU32(ptr: number, value: number): void {
    this.view.setUint32(ptr, value, true);
  }

  /** Store a u64 below 2^53. The caller has checked the range. */
  storeSafeU64(ptr: number, value: number): void {
    this.view.setUint32(ptr, value % 2 ** 32, true);
    this.view.setUint32(ptr + 4, value / 2 ** 32, true);
  }
}

/** @returns Room for the vectors of one call. */
export function emptyIoVectors(): IoVectors {
  return {
    bytes: new Uint8Array(0),
    starts: new Uint32Array(MAX_IOVECS),
    lengths: new Uint32Array(MAX_IOVECS),
    count: 0,
    isCut: false,
  };
}
