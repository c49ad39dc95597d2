/** The chunked transfer coding (RFC 9112 7.1). */

import { Http1Error } from "./error.ts";
import type { Field } from "./fields.ts";
import { MAX_HEAD_BYTES, parseField } from "./response_head.ts";

/** Limit on a line with a chunk size and its extensions. */
const MAX_LINE_BYTES = 1024;
/** Limit on the hexadecimal digits of a size: below 2^52. */
const MAX_DIGITS = 13;

const CR = 13;
const LF = 10;
const SEMICOLON = 59;
const SPACE = 32;
const TAB = 9;

const State = {
  SIZE: 0,
  /** White space after the size; only an extension may follow. */
  SPACE: 1,
  EXTENSION: 2,
  SIZE_LF: 3,
  DATA: 4,
  DATA_CR: 5,
  DATA_LF: 6,
  TRAILER_START: 7,
  TRAILER: 8,
  TRAILER_LF: 9,
  END_LF: 10,
  DONE: 11,
} as const;
type State = (typeof State)[keyof typeof State];

/** Decodes a chunked body. Extensions are dropped. */
export class ChunkedDecoder {
  #state: State = State.SIZE;
  /** The size being parsed; then the remaining bytes of the chunk. */
  #size = 0;
  #digits = 0;
  #lineBytes = 0;
  #trailerText = "";

  /** True after the last chunk and the trailers. */
  get isDone(): boolean {
    return this.#state === State.DONE;
  }

  /**
   * The trailers, once it is done.
   *
   * @throws {Http1Error} If one of them is malformed.
   */
  trailers(): Field[] {
    return this.#trailerText.split("\r\n").filter((line) => line !== "").map(parseField);
  }

  /**
   * Decodes more bytes.
   *
   * @param bytes The bytes; the body continues at `start`.
   * @param start First index.
   * @param data Receives each piece of data, a view of `bytes`.
   * @returns The index after the last byte consumed: less than the length of `bytes` if the body ended there.
   * @throws {Http1Error} If the coding is invalid.
   */
  push(bytes: Uint8Array, start: number, data: (piece: Uint8Array) => void): number {
    let at = start;
    while (at < bytes.length && this.#state !== State.DONE) {
      if (this.#state === State.DATA) at = this.#takeData(bytes, at, data);
      else this.#step(bytes[at++]!);
    }
    return at;
  }

  #takeData(bytes: Uint8Array, at: number, data: (piece: Uint8Array) => void): number {
    const end = Math.min(at + this.#size, bytes.length);
    this.#size -= end - at;
    if (this.#size === 0) this.#state = State.DATA_CR;
    data(bytes.subarray(at, end));
    return end;
  }

  #step(byte: number): void {
    switch (this.#state) {
      case State.SIZE:
        return this.#readSize(byte);
      case State.SPACE:
        return this.#endDigits(byte);
      case State.EXTENSION:
        return this.#readExtension(byte);
      case State.SIZE_LF:
        return this.#endSize(byte);
      case State.DATA_CR:
        return this.#expect(byte, CR, State.DATA_LF);
      case State.DATA_LF:
        return this.#expect(byte, LF, State.SIZE);
      default:
        return this.#readTrailer(byte);
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte);
    if (digit < 0) {
      if (this.#digits === 0) throw new Http1Error("missing chunk size");
      return this.#endDigits(byte);
    }
    if (++this.#digits > MAX_DIGITS) throw new Http1Error("chunk size too large");
    this.#size = this.#size * 16 + digit;
  }

  #endDigits(byte: number): void {
    if (byte === CR && this.#state === State.SIZE) this.#state = State.SIZE_LF;
    else if (byte === SEMICOLON) this.#state = State.EXTENSION;
    else if (byte === SPACE || byte === TAB) this.#state = State.SPACE;
    else throw new Http1Error("missing chunk size");
    if (++this.#lineBytes > MAX_LINE_BYTES) throw new Http1Error("chunk extensions too long");
  }

  #readExtension(byte: number): void {
    if (byte === LF) throw new Http1Error("line ends without CR");
    if (byte === CR) this.#state = State.SIZE_LF;
    if (++this.#lineBytes > MAX_LINE_BYTES) throw new Http1Error("chunk extensions too long");
  }

  #endSize(byte: number): void {
    this.#expect(byte, LF, this.#size === 0 ? State.TRAILER_START : State.DATA);
    this.#digits = 0;
    this.#lineBytes = 0;
  }

  #readTrailer(byte: number): void {
    if (this.#trailerText.length >= MAX_HEAD_BYTES) {
      throw new Http1Error(`trailers exceed ${MAX_HEAD_BYTES} bytes`, "trailer-section-size");
    }
    this.#trailerText += String.fromCharCode(byte);
    switch (this.#state) {
      case State.TRAILER_START:
        this.#state = byte === CR ? State.END_LF : State.TRAILER;
        break;
      case State.TRAILER:
        if (byte === CR) this.#state = State.TRAILER_LF;
        break;
      case State.TRAILER_LF:
        return this.#expect(byte, LF, State.TRAILER_START);
      default:
        return this.#expect(byte, LF, State.DONE);
    }
    if (byte === LF) throw new Http1Error("line ends without CR");
  }

  #expect(byte: number, expected: number, next: State): void {
    if (byte !== expected) throw new Http1Error("chunk not terminated by CR LF");
    this.#state = next;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
