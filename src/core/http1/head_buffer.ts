/** Buffers the head of a response. */

import { Http1Error } from "./error.ts";
import { MAX_HEAD_BYTES } from "./response_head.ts";

const CR = 13;
const LF = 10;
/** Number of arguments that is safe for one call of `String.fromCharCode`. */
const MAX_ARGUMENTS = 4096;

/** Finds the empty line that ends a head, however the bytes are split. */
export class HeadBuffer {
  #text = "";
  /** How much of CR LF CR LF was seen. */
  #matched = 0;

  /** True if it holds nothing. */
  get isEmpty(): boolean {
    return this.#text === "";
  }

  /**
   * Adds bytes.
   *
   * @returns The index in `bytes` after the end of the head; -1 if it does not end there.
   * @throws {Http1Error} If the head is too long.
   */
  push(bytes: Uint8Array, start: number): number {
    let at = start;
    let matched = this.#matched;
    while (at < bytes.length && matched < 4) {
      const byte = bytes[at++];
      if (byte === ((matched & 1) === 0 ? CR : LF)) matched++;
      else matched = byte === CR ? 1 : 0;
    }
    this.#matched = matched;
    if (this.#text.length + at - start > MAX_HEAD_BYTES) {
      throw new Http1Error(`head exceeds ${MAX_HEAD_BYTES} bytes`, "header-section-size");
    }
    this.#text += latin1(bytes, start, at);
    return matched === 4 ? at : -1;
  }

  /** Returns the lines without the empty one, one character per byte, and resets the buffer. */
  take(): string {
    const text = this.#text.slice(0, -4);
    this.#text = "";
    this.#matched = 0;
    return text;
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += MAX_ARGUMENTS) {
    text += String.fromCharCode.apply(
      null,
      bytes.subarray(at, Math.min(at + MAX_ARGUMENTS, end)) as unknown as number[],
    );
  }
  return text;
}
