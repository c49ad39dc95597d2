/** A reader of the WebAssembly binary format, for the parts used here. */

/** What the sixth byte of a number would be multiplied by. */
const MAX_SCALE = 2 ** 35;

/** What the tenth byte of a number is multiplied by. */
const MAX_SCALE_64 = 2 ** 63;

/** Reads a part of a binary; a read past its end throws a `RangeError`. */
export class WasmReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  /**
   * @param bytes The binary.
   * @param start Start of the part.
   * @param end End of the part.
   */
  constructor(bytes: Uint8Array, start: number = 0, end: number = bytes.length) {
    this.#bytes = bytes;
    this.#at = start;
    this.#end = Math.min(end, bytes.length);
  }

  /** Offset of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** True if nothing is left. */
  get isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  /** The next byte. */
  byte(): number {
    if (this.#at >= this.#end) throw new RangeError("Cannot read past the end");
    return this.#bytes[this.#at++] as number;
  }

  /** Peeks at the next byte. */
  peek(): number {
    if (this.#at >= this.#end) throw new RangeError("Cannot read past the end");
    return this.#bytes[this.#at] as number;
  }

  /** An unsigned number (LEB128) of up to 64 bits; above 2^53 as near as a number can be. */
  u64(): number {
    let value = 0;
    for (let scale = 1; scale <= MAX_SCALE_64; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new RangeError("Cannot read a number of more than 64 bits");
  }

  /** An unsigned number (LEB128). */
  u32(): number {
    let value = 0;
    for (let scale = 1; scale < MAX_SCALE; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80 && value < 2 ** 32) return value;
    }
    throw new RangeError("Cannot read a number of more than 32 bits");
  }

  /** A signed number (LEB128) of up to five bytes: every i32, and an i64 of 35 bits. */
  signed(): number {
    let value = 0;
    for (let scale = 1; scale < MAX_SCALE; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 0x80;
    }
    throw new RangeError("Cannot read a number of more than 35 bits");
  }

  /** Skips bytes. */
  skip(length: number): void {
    if (length > this.#end - this.#at) throw new RangeError("Cannot skip past the end");
    this.#at += length;
  }

  /** The bytes of a vector, such as a name; they are not copied. */
  vector(): Uint8Array {
    const length = this.u32();
    const start = this.#at;
    this.skip(length);
    return this.#bytes.subarray(start, start + length);
  }

  /** Reads a name and returns which of `names` it is; undefined for any other. It allocates no string. */
  oneOf(names: readonly string[]): string | undefined {
    const length = this.u32();
    const start = this.#at;
    this.skip(length);
    for (const name of names) {
      if (name.length === length && isText(this.#bytes, start, this.#at, name)) return name;
    }
    return undefined;
  }
}

/** True if a range of bytes is this text, which is ASCII. */
export function isText(bytes: Uint8Array, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** A section of a binary. */
export interface Section {
  /** Its kind: 0 custom, 1 types, 2 imports, 3 functions, 10 code, 11 data. */
  readonly id: number;
  /** Offset of its size. */
  readonly sizeAt: number;
  /** Offset of its content. */
  readonly start: number;
  /** Offset of its end. */
  readonly end: number;
}

/** Limit on sections: compilers emit a few dozen. */
const MAX_SECTIONS = 10_000;

/**
 * The sections of a binary.
 *
 * @throws {RangeError} If a section is truncated, or there are more than 10,000.
 */
export function sectionsOf(bytes: Uint8Array): Section[] {
  const sections: Section[] = [];
  const reader = new WasmReader(bytes, 8);
  while (!reader.isAtEnd) {
    const id = reader.byte();
    const sizeAt = reader.at;
    const size = reader.u32();
    const start = reader.at;
    reader.skip(size);
    if (sections.length === MAX_SECTIONS) throw new RangeError("Cannot read so many sections");
    sections.push({ id, sizeAt, start, end: reader.at });
  }
  return sections;
}

/**
 * Content of a custom section, which is not copied.
 *
 * @param bytes The binary.
 * @param sections Its sections.
 * @param name Name of the section, in ASCII.
 * @returns Undefined if there is none.
 * @throws {RangeError} If a custom section has no name.
 */
export function customSection(bytes: Uint8Array, sections: readonly Section[], name: string): Uint8Array | undefined {
  for (const { id, start, end } of sections) {
    if (id !== 0) continue;
    const reader = new WasmReader(bytes, start, end);
    if (reader.oneOf([name]) !== undefined) return bytes.subarray(reader.at, end);
  }
  return undefined;
}
