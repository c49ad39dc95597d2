/** Numbers and strings of DWARF, little-endian as in all WebAssembly. */

/** Bytes of the longest LEB128 number. */
const MAX_LEB = 10;
/** Bytes of the longest name that is decoded. */
const MAX_NAME = 4096;

/** Reads a part of a section; a read past its end throws a `RangeError`. */
export class DwarfReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #end: number;
  /** Offset of the next byte. */
  at: number;

  /**
   * @param bytes The section.
   * @param start Start of the part.
   * @param end End of the part.
   */
  constructor(bytes: Uint8Array, start: number = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = start;
    this.#end = Math.min(end, bytes.length);
  }

  /** True if nothing is left. */
  get isAtEnd(): boolean {
    return this.at >= this.#end;
  }

  /** Pass over some bytes. @returns Where they are. */
  skip(length: number): number {
    const start = this.at;
    if (!(length >= 0 && length <= this.#end - start)) throw new RangeError("Cannot read past the end");
    this.at = start + length;
    return start;
  }

  /** A byte. */
  u8(): number {
    if (this.at >= this.#end) throw new RangeError("Cannot read past the end");
    return this.#bytes[this.at++]!;
  }

  /** A signed byte. */
  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  /** Two bytes. */
  u16(): number {
    return this.#view.getUint16(this.skip(2), true);
  }

  /** Four bytes. */
  u32(): number {
    return this.#view.getUint32(this.skip(4), true);
  }

  /** Eight bytes; above 2^53 not exact. */
  u64(): number {
    const start = this.skip(8);
    return this.#view.getUint32(start, true) + this.#view.getUint32(start + 4, true) * 2 ** 32;
  }

  /** A number of 4 or 8 bytes. */
  word(isWide: boolean): number {
    return isWide ? this.u64() : this.u32();
  }

  /** An unsigned LEB128 number; above 2^53 not exact. */
  uleb(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_LEB; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
    throw new RangeError("Cannot read a number of more than 64 bits");
  }

  /** A signed LEB128 number. */
  sleb(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < MAX_LEB; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      scale *= 0x80;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale;
    }
    throw new RangeError("Cannot read a number of more than 64 bits");
  }

  /** Pass over a string that ends with a NUL. @returns Where it is, and how long. */
  skipString(): { readonly start: number; readonly length: number } {
    const start = this.at;
    const end = this.#bytes.indexOf(0, start);
    if (end < 0 || end >= this.#end) throw new RangeError("Cannot read past the end");
    this.at = end + 1;
    return { start, length: end - start };
  }

  /** A string that ends with a NUL. */
  string(): string {
    const { start, length } = this.skipString();
    return new TextDecoder().decode(this.#bytes.subarray(start, start + Math.min(length, MAX_NAME)));
  }
}
