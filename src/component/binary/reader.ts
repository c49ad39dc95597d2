/** Reads the parts that the binary format is made of. */

import { InvalidComponentError } from "./invalid_component.ts";
import { MAX_ITEMS, MAX_NAME_BYTES, MAX_NESTING } from "./limits.ts";

const decoder: TextDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Most names are so short that a loop is faster than the decoder. */
const SHORT_NAME_BYTES = 64;

/** What is counted for a whole binary. */
interface Counts {
  items: number;
  depth: number;
}

/** What a reader reads. */
interface Range {
  readonly start: number;
  readonly end: number;
  /** What it is, for messages. */
  readonly range: string;
  readonly counts: Counts;
}

/** Reads a range of a binary. All methods throw an {@linkcode InvalidComponentError} where the bytes are not valid. */
export class Reader {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly #end: number;
  /** Offset of the first byte of `bytes` in the outermost binary. */
  readonly #base: number;
  readonly #counts: Counts;
  /** What the range is, for messages. */
  readonly #range: string;
  #at: number;

  private constructor(bytes: Uint8Array<ArrayBuffer>, base: number, { start, end, range, counts }: Range) {
    this.#bytes = bytes;
    this.#base = base;
    this.#at = start;
    this.#end = end;
    this.#range = range;
    this.#counts = counts;
  }

  /**
   * Make a reader of a whole binary.
   *
   * @param bytes The binary.
   * @param base Its offset in the binary that contains it, for messages.
   */
  static of(bytes: Uint8Array<ArrayBuffer>, base: number = 0): Reader {
    const counts = { items: 0, depth: 0 };
    return new Reader(bytes, base, { start: 0, end: bytes.length, range: "binary", counts });
  }

  /** Bytes from the start of the outermost binary to what is read next. */
  get offset(): number {
    return this.#base + this.#at;
  }

  /** Number of bytes left. */
  get remaining(): number {
    return this.#end - this.#at;
  }

  /** True if nothing is left. */
  get isAtEnd(): boolean {
    return this.#at === this.#end;
  }

  /** The next byte. @param what What it is, for messages. */
  byte(what: string): number {
    if (this.#at === this.#end) throw this.#truncated(what);
    return this.#bytes[this.#at++] as number;
  }

  /** The next byte, which is not read. @param what What it is, for messages. */
  peek(what: string): number {
    if (this.#at === this.#end) throw this.#truncated(what);
    return this.#bytes[this.#at] as number;
  }

  /** Read a byte that is always the same. @param what What it is, for messages. */
  expect(expected: number, what: string): void {
    const at = this.offset;
    const byte = this.byte(what);
    if (byte !== expected) throw new InvalidComponentError(`${what} is ${hex(byte)}, not ${hex(expected)}`, at);
  }

  /** A byte that is 0 or 1. @param what What it is, for messages. */
  flag(what: string): boolean {
    const at = this.offset;
    const byte = this.byte(what);
    if (byte > 1) throw new InvalidComponentError(`${what} is ${hex(byte)}, not 0 or 1`, at);
    return byte === 1;
  }

  /** An unsigned number of 32 bits (LEB128). @param what What it is, for messages. */
  u32(what: string): number {
    const at = this.offset;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what);
      if (shift === 28 && byte > 0x0f) break;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new InvalidComponentError(`${what} does not fit 32 bits`, at);
  }

  /** An unsigned number of 64 bits (LEB128), above 2^53 as near as a number can be. @param what What it is. */
  u64(what: string): number {
    const at = this.offset;
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte(what);
      if (shift === 63 && byte > 1) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new InvalidComponentError(`${what} does not fit 64 bits`, at);
  }

  /** A signed number of 33 bits (LEB128), which is an index unless it is negative. @param what What it is. */
  s33(what: string): number {
    const at = this.offset;
    let value = 0;
    for (let scale = 1; scale < 2 ** 35; scale *= 0x80) {
      const byte = this.byte(what);
      // The fifth byte has the bits 28 to 31 and the sign, which is repeated.
      if (scale === 2 ** 28 && byte > 0x0f && byte < 0x70) break;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return (byte & 0x40) === 0 ? value : value - scale * 0x80;
    }
    throw new InvalidComponentError(`${what} does not fit 33 bits`, at);
  }

  /** A name in UTF-8. @param what What it names, for messages. */
  name(what: string): string {
    const at = this.offset;
    const length = this.u32(`the length of ${what}`);
    if (length > MAX_NAME_BYTES) {
      throw new InvalidComponentError(`${what} has ${length} bytes; at most ${MAX_NAME_BYTES} are supported`, at);
    }
    const start = this.#at;
    this.skip(length, what);
    if (length <= SHORT_NAME_BYTES) {
      const text = this.#ascii(start, this.#at);
      if (text !== undefined) return text;
    }
    try {
      return decoder.decode(this.#bytes.subarray(start, this.#at));
    } catch {
      throw new InvalidComponentError(`${what} is not valid UTF-8`, this.#base + start);
    }
  }

  /** Pass over bytes. @param what What they are, for messages. */
  skip(length: number, what: string): void {
    if (length > this.remaining) {
      throw new InvalidComponentError(
        `unexpected end: ${what} has ${length} bytes, and ${this.remaining} are left in the ${this.#range}`,
        this.offset,
      );
    }
    this.#at += length;
  }

  /** A list. Each item takes at least one byte. @param what What its items are, for messages, in the plural. */
  list<T>(what: string, read: (reader: Reader) => T): T[] {
    const at = this.offset;
    let count = this.u32(`the number of ${what}`);
    if (count > this.remaining) {
      const problem = `unexpected end: ${count} ${what} are declared, and ${this.remaining} bytes are left`;
      throw new InvalidComponentError(problem, at);
    }
    this.#counts.items += count;
    if (this.#counts.items > MAX_ITEMS) {
      throw new InvalidComponentError(`it has more than ${MAX_ITEMS} definitions and names`, at);
    }
    const items: T[] = [];
    for (; count > 0; count--) items.push(read(this));
    return items;
  }

  /** What follows a byte 1; undefined for a byte 0. @param what What it is, for messages. */
  optional<T>(what: string, read: (reader: Reader) => T): T | undefined {
    return this.flag(`the presence of ${what}`) ? read(this) : undefined;
  }

  /** Read something that may contain others of its kind. */
  nested<T>(read: () => T): T {
    if (this.#counts.depth === MAX_NESTING) {
      throw new InvalidComponentError(`components and types are nested more than ${MAX_NESTING} deep`, this.offset);
    }
    this.#counts.depth++;
    const value = read();
    this.#counts.depth--;
    return value;
  }

  /** Pass over bytes. @returns A reader of them. @param what What they are, for messages, without an article. */
  range(length: number, what: string): Reader {
    const start = this.#at;
    this.skip(length, `the ${what}`);
    return new Reader(this.#bytes, this.#base, { start, end: this.#at, range: what, counts: this.#counts });
  }

  /** All that is left; it is not copied. */
  rest(): Uint8Array<ArrayBuffer> {
    const rest = this.#bytes.subarray(this.#at, this.#end);
    this.#at = this.#end;
    return rest;
  }

  /** Check that nothing is left. */
  end(): void {
    if (this.#at === this.#end) return;
    throw new InvalidComponentError(
      `the ${this.#range} ends ${this.remaining} bytes before its declared size does`,
      this.offset,
    );
  }

  #ascii(start: number, end: number): string | undefined {
    let text = "";
    for (let at = start; at < end; at++) {
      const byte = this.#bytes[at] as number;
      if (byte >= 0x80) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #truncated(what: string): InvalidComponentError {
    return new InvalidComponentError(`unexpected end of the ${this.#range}: ${what} is missing`, this.offset);
  }
}

/** A byte in hexadecimal. */
export function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, "0")}`;
}
