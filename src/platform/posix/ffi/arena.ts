/** Memory that calls are handed pointers into: made once, never moved. */

import type { Address, Ffi } from "./ffi.ts";

/** A piece of an {@linkcode Arena}, seen as what it is used for. */
export interface Region {
  /** Where it is, as a parameter. */
  readonly address: Address;
  /** Its bytes. */
  readonly u8: Uint8Array<ArrayBuffer>;
  /** As 32-bit integers. */
  readonly u32: Uint32Array<ArrayBuffer>;
  /** As signed ones. */
  readonly i32: Int32Array<ArrayBuffer>;
}

/** Hands out memory; takes none back. */
export class Arena {
  readonly #ffi: Ffi;
  readonly #base: number;
  readonly #buffer: ArrayBuffer;
  readonly #low: boolean;
  #used = 0;

  /**
   * @param ffi Turns addresses into parameters.
   * @param base Where the memory is.
   * @param size Its bytes.
   * @param low True if it is below 2^31.
   */
  constructor(ffi: Ffi, base: number, size: number, low: boolean) {
    this.#ffi = ffi;
    this.#base = base;
    this.#low = low;
    this.#buffer = ffi.view(base, size);
  }

  /**
   * A piece that is nobody else's, filled with zeros, at a multiple of 16.
   *
   * @param bytes Its size.
   * @throws {RangeError} If there is no room.
   */
  allocate(bytes: number): Region {
    const at = this.#used;
    const size = (bytes + 15) & ~15;
    this.#used += size;
    return {
      address: this.#address(at),
      u8: new Uint8Array(this.#buffer, at, size),
      u32: new Uint32Array(this.#buffer, at, size / 4),
      i32: new Int32Array(this.#buffer, at, size / 4),
    };
  }

  /** Address of a byte of a region, where a call wants one that is not the region's start. */
  addressIn(region: Region, offset: number): Address {
    return this.#address(region.u8.byteOffset + offset);
  }

  /** The same as a number, to be stored where C wants a pointer. */
  pointerTo(region: Region, offset: number = 0): number {
    return this.#base + region.u8.byteOffset + offset;
  }

  #address(at: number): Address {
    return this.#ffi.address(this.#base + at, this.#low);
  }
}
