/** Collects the bytes of a head. */

import { Http1Error } from "./http1_error.ts";
import { MOST_HEAD_BYTES } from "./http1_response_head.ts";

const CR = 13;
const LF = 10;
/** Arguments that a call of `String.fromCharCode` takes at once without harm. */
const PIECE = 4096;

/** Looks for the empty line that ends a head, however the bytes come. */
export class HeadBuffer {
  #text = "";
  /** Bytes of CR LF CR LF that were seen. */
  #matched = 0;

  /** True if nothing of a head has come. */
  get isEmpty(): boolean {
    return this.#text === "";
  }

  /**
   * Take bytes.
   *
   * @returns Where the head ends in `bytes`; -1 if it does not end there.
   * @throws {Http1Error} If it is too long.
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
    if (this.#text.length + at - start > MOST_HEAD_BYTES) {
      throw new Http1Error(`a head of more than ${MOST_HEAD_BYTES} bytes`);
    }
    this.#text += latin1(bytes, start, at);
    return matched === 4 ? at : -1;
  }

  /** The lines without the empty one, one character for each byte; and begin anew. */
  take(): string {
    const text = this.#text.slice(0, -4);
    this.#text = "";
    this.#matched = 0;
    return text;
  }
}

function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end; at += PIECE) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(at + PIECE, end)) as unknown as number[]);
  }
  return text;
}
